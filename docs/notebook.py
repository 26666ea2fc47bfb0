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

from visualsearch_cli.library import open_index

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
# ## Vectors are numpy arrays

# %%
answers = index.lookup([picture], k=5)
print([round(match.distance, 3) for match in answers[0].matches])

# %% [markdown]
# ## Labels, and how right they would be
# Each folder is a label for what is in it.

# %%
for inner in sorted(path for path in folder.iterdir() if path.is_dir() and any(path.rglob("*.jpg"))):
    index.label(inner, inner.name)
figures = index.evaluate()
print(f"{figures.accuracy:.0%} of {figures.pictures} pictures lie next to one of their folder")

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
