# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # From a folder of pictures to a plot
# Jupyter opens this file as a notebook with jupytext, and `python docs/notebook.py FOLDER` runs it. It works
# on the sample pictures of a clone if no folder is named, and writes nothing but a folder of its own.

# %%
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from visualsearch_cli.library import embed, open_index

clone = Path(__file__).parents[1] if "__file__" in globals() else Path("..")
folder = (Path(sys.argv[1]) if len(sys.argv) > 1 else clone / "sample_images").absolute()
work = TemporaryDirectory()  # goes when this ends, whatever happens

# %% [markdown]
# ## An index
# The pictures stay where they are; the index is a folder.

# %%
index = open_index(work.name, create=True)
added = index.add(folder)
print(added.found, "pictures found,", added.embedded, "embedded,", len(added.skipped), "skipped")

# %% [markdown]
# ## Numpy in, numpy out
# `embed` makes a row of a picture. Rows go wherever pictures do: each has the length 1, so the product of two
# is 1 less their distance.

# %%
all_of_it = embed(folder)
if not all_of_it.paths:
    sys.exit(f"{folder} holds no picture that can be read: name another folder")
pictures, vectors = all_of_it.paths[:3], all_of_it.vectors[:3]
print(vectors.dtype, vectors.shape)
answers = index.lookup(vectors, k=3)
distances = np.array([answer.matches[0].distance for answer in answers])
print("the nearest are the pictures themselves:", bool((distances < 1e-5).all()))
middle = vectors.mean(axis=0)
(between,) = index.query_vector(middle, k=1).matches  # any vector of that length will do
print(f"nearest to the middle of them, at {between.distance:.3f}: {between.image.path.name}")
(one,) = index.single_lookup(vectors[0], k=1, max_distance=0.1).matches
print("by one vector:", one.image.path.name)

# %% [markdown]
# ## What is near to a picture
# Here the pictures themselves are compared, too: the last word says what kind of copy each is.

# %%
for match in index.query(pictures[0], k=3).matches:
    print(f"{match.distance:.3f}  {match.image.path.name}  {match.verdict.value if match.verdict else ''}")

# %% [markdown]
# ## Labels, and how right they would be
# Each folder is a label for what is in it. Of one that has a single picture nothing can be measured.

# %%
within = Counter(path.relative_to(folder).parts[0] for path in all_of_it.paths if path.parent != folder)
for name in sorted(within):
    index.label(folder / name, name)
if max(within.values(), default=0) > 1:
    figures = index.evaluate(k=[1, 2])
    print(f"{figures.accuracy:.0%} of {figures.pictures} pictures lie next to one of their folder")
    print("precision at 1 and 2:", [round(at.precision, 2) for at in figures.at])
    print(figures.confusion)  # int64, a row for each label, a column for what its pictures were taken for
if within:
    labels = [found.label for found in index.match(vectors, max_distance=0.5)]
    print("what fits the first pictures:", labels)

# %% [markdown]
# ## A plot of it all
# What looks alike lies together; colors are labels, and lines join copies.

# %%
drawing = Path(work.name, "map.svg")
index.map(drawing)
print(drawing.name, "has", drawing.stat().st_size, "bytes")
# In a notebook: from IPython.display import SVG; SVG(drawing)

# %%
index.close()
work.cleanup()
