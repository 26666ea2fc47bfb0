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
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from visualsearch_cli.library import embed, open_index

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("sample_images")
work = Path(tempfile.mkdtemp())

# %% [markdown]
# ## An index
# The pictures stay where they are; the index is a folder.

# %%
index = open_index(work, create=True)
added = index.add(folder)
print(added.found, "pictures found,", added.embedded, "embedded,", len(added.skipped), "skipped")

# %% [markdown]
# ## What is near to a picture

# %%
picture = sorted(path for path in folder.rglob("*.jpg") if path.stat().st_size > 10_000)[0]
for match in index.query(picture, k=3).matches:
    print(f"{match.distance:.3f}  {match.image.path.name}  {match.verdict.value if match.verdict else ''}")

# %% [markdown]
# ## Numpy in, numpy out
# `embed` makes a row of a picture. Rows go wherever pictures do: each has the length 1, so the product of two
# is 1 less their distance.

# %%
pictures = sorted(folder.rglob("*.jpg"))[:3]
vectors = embed(pictures).vectors
print(vectors.dtype, vectors.shape)
answers = index.lookup(vectors, k=3)
distances = np.array([[match.distance for match in answer.matches] for answer in answers])
print("the nearest are the pictures themselves:", bool((distances[:, 0] < 1e-5).all()))
(between,) = index.query_vector(vectors[:2].mean(axis=0), k=1).matches  # any vector of that length will do
print(f"nearest to the middle of two, at {between.distance:.3f}: {between.image.path.name}")
(one,) = index.single_lookup(vectors[0], k=1, max_distance=0.1).matches
print("by one vector:", one.image.path.name)

# %% [markdown]
# ## Labels, and how right they would be
# Each folder is a label for what is in it.

# %%
for inner in sorted(path for path in folder.iterdir() if path.is_dir() and any(path.rglob("*.jpg"))):
    index.label(inner, inner.name)
figures = index.evaluate(k=[1, 2])
print(f"{figures.accuracy:.0%} of {figures.pictures} pictures lie next to one of their folder")
print("precision at 1 and 2:", [round(at.precision, 2) for at in figures.at])
print(figures.confusion)  # int64, a row for each label, and a column for what its pictures were taken for
print("what fits the three vectors:", [found.label for found in index.match(vectors, max_distance=0.5)])

# %% [markdown]
# ## A plot of it all
# What looks alike lies together; colors are labels, and lines join copies.

# %%
drawing = work / "map.svg"
index.map(drawing)
print(drawing.name, "has", drawing.read_text(encoding="utf-8").count("<circle"), "dots")
# In a notebook: from IPython.display import SVG; SVG(drawing)

# %%
index.close()
shutil.rmtree(work)
