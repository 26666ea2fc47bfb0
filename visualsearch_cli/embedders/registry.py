"""All embedders by name. Light: numpy, onnxruntime and torch are imported only by `load`."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch_cli.embedders.specs import (
    ADAPTED,
    BUILT_IN,
    BUNDLED,
    ONNX,
    OPEN_CLIP_PREFIX,
    OPEN_CLIP_PREPROCESSING,
    ORB,
    SIFT,
    SSCD,
    SSCD_PREPROCESSING,
    TIMM_PREFIX,
    TIMM_PREPROCESSING,
    ModelIdentity,
    adapted_preprocessing,
    described,
    nearest_to,
)
from visualsearch_cli.embedders.weights import weights_id
from visualsearch_cli.errors import ModelUnavailable
from visualsearch_cli.named_tuples import NamedTuple
from visualsearch_cli.remembered import WEIGHTS, remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from visualsearch_cli.embedders.embedder import Embedder, TextTower

CLIP = f"{OPEN_CLIP_PREFIX}ViT-B-32-256/datacomp_s34b_b86k"
"""What "clip" stands for; docs/embedders.md says why."""

CLIP_LOCATION = "laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K/"  # as open_clip writes it
INSTALL = "pip install 'visualsearch-cli[clip]'"


class ModelRequest(NamedTuple):
    """A model as the user asks for it."""

    name: str
    weights: Path | None = None
    device: str = "auto"  # auto, cpu, cuda or mps; only torch models run elsewhere than on the CPU
    text: Path | None = None  # the text tower of "onnx"
    tokenizer: Path | None = None  # and what its texts go through


class EmbedderInfo(NamedTuple):
    """A line of the `models` command."""

    name: str
    summary: str
    dim: int | None
    weights: str  # where they are
    megabytes: float | None  # of the weights
    is_default: bool = False


def full_name(name: str) -> str:
    """Return what a model is called in an index."""
    return CLIP if name == "clip" else name


def resolve(request: ModelRequest) -> ModelRequest:
    """Return the request with the full name of its model.

    Raises ModelUnavailable if there is no such model, if its weights are not said, or if files are named that
    it has no use for.
    """
    found = _with_weights(request)
    unused = [str(file) for file in (found.text, found.tokenizer) if file is not None]
    if found.name != ONNX and unused:
        raise ModelUnavailable(
            f"{found.name} has no use for {' and '.join(unused)}: a text tower and a tokenizer go with an "
            f"image tower, as --model {ONNX} --weights image.onnx,text.onnx --tokenizer tokenizer.json"
        )
    return found


def _with_weights(request: ModelRequest) -> ModelRequest:
    """Return the request with the full name of its model. Raises ModelUnavailable as `resolve` does."""
    name = full_name(request.name)
    if name in BUILT_IN:
        if request.weights is not None:
            raise ModelUnavailable(
                f"{name} takes no weights: to use {request.weights}, name the architecture "
                f"it was made for, such as --model {OPEN_CLIP_PREFIX}ViT-B-32"
            )
        return request
    if name == SSCD:
        if request.weights is None:
            raise ModelUnavailable(f"{name} needs a file of weights: pass --weights FILE.torchscript.pt")
        return request
    if name == ONNX:
        if request.weights is None:
            raise ModelUnavailable(f"{name} needs files: pass --weights image.onnx,text.onnx")
        for beside in (request.text, request.tokenizer):
            if beside is not None and not beside.is_file():
                raise ModelUnavailable(f"{beside} is not there: check what --weights and --tokenizer name")
        return request
    if name == ADAPTED:
        if request.weights is None:
            raise ModelUnavailable(
                f"{name} needs the file that `visualsearch adapt` wrote: pass --weights FILE"
            )
        return request
    if name.startswith(TIMM_PREFIX):
        if "." not in name and request.weights is None:
            raise ModelUnavailable(
                f"{name} does not name its weights: pass {name}.TAG, such as "
                f"{TIMM_PREFIX}resnet50.a1_in1k, or --weights FILE"
            )
        return request
    model, _, tag = name.removeprefix(OPEN_CLIP_PREFIX).partition("/")
    if not name.startswith(OPEN_CLIP_PREFIX) or not model:
        known = [*BUILT_IN, "clip", ONNX, SSCD, ADAPTED]
        raise ModelUnavailable(
            f"there is no model '{name}'{nearest_to(name, known)}: "
            f"pass {', '.join(known)}, {TIMM_PREFIX}MODEL.TAG or {OPEN_CLIP_PREFIX}MODEL/TAG"
        )
    if not tag and request.weights is None:
        if unknown := _not_in_open_clip(model):
            raise ModelUnavailable(f"there is no model '{name}': {unknown}")
        raise ModelUnavailable(
            f"{name} does not name its weights: pass {OPEN_CLIP_PREFIX}{model}/TAG, or --weights FILE"
        )
    return request._replace(name=name)


def _not_in_open_clip(model: str) -> str | None:
    """Return what to say of an architecture that open_clip does not have, where it is installed; it is not
    imported for that."""
    package = find_spec("open_clip")
    folders = [] if package is None else [*(package.submodule_search_locations or ())]
    known = sorted(file.stem for folder in folders for file in Path(folder, "model_configs").glob("*.json"))
    if not known or model in known or ":" in model:  # hf-hub:ORG/NAME and local-dir:PATH bring their own
        return None
    return (
        f"open_clip has no architecture {model}{nearest_to(model, known)}: pass {OPEN_CLIP_PREFIX}MODEL/TAG, "
        "such as clip stands for"
    )


def is_complete(name: str) -> bool:
    """Tell whether the name of a model says its weights, so that no file is needed."""
    try:
        resolve(ModelRequest(name))
    except ModelUnavailable:
        return False
    return True


def identity(request: ModelRequest) -> ModelIdentity:
    """Tell which vectors a request leads to, without loading or importing what makes them.

    Raises ModelUnavailable as `resolve` does, and if a weights file cannot be read.
    """
    request = resolve(request)
    spec = BUILT_IN.get(request.name)
    if spec is not None:
        return ModelIdentity(spec.name, spec.weights, spec.preprocessing)
    file = request.weights
    parts = "." if request.name.startswith(TIMM_PREFIX) else "/"
    weights = weights_id(file) if file is not None else f"hub:{request.name.partition(parts)[2]}"
    if request.name == ONNX and file is not None:
        from visualsearch_cli.embedders.preparation import preparation_beside

        return ModelIdentity(request.name, weights, preparation_beside(file).name)
    if request.name == ADAPTED and file is not None:
        from visualsearch_cli.embedders.projection import read_header

        return ModelIdentity(request.name, weights, adapted_preprocessing(read_header(file).base))
    preprocessing = SSCD_PREPROCESSING if request.name == SSCD else OPEN_CLIP_PREPROCESSING
    if request.name.startswith(TIMM_PREFIX):
        preprocessing = TIMM_PREPROCESSING
    return ModelIdentity(request.name, weights, preprocessing)


def load(request: ModelRequest, threads: int | None = None) -> Embedder:
    """Return a model. `threads` is how many cores a batch may use; what suits it, if None.

    Raises ModelUnavailable if it, its weights or the packages that run it are not here.
    """
    request = resolve(request)
    if request.name == BUNDLED.name:
        from visualsearch_cli.embedders.bundled import BundledEmbedder

        return BundledEmbedder(threads)
    if request.name in (SIFT.name, ORB.name):
        from visualsearch_cli.embedders.local_features import LocalFeatures

        return LocalFeatures(BUILT_IN[request.name])
    if request.name in BUILT_IN:
        from visualsearch_cli.embedders.descriptors import DESCRIPTORS

        return DESCRIPTORS[request.name]
    if request.name == ONNX and request.weights is not None:
        from visualsearch_cli.embedders.onnx_towers import OnnxImages

        return OnnxImages(request.weights, threads)
    if request.name == ADAPTED and request.weights is not None:
        from visualsearch_cli.embedders.adapted import adapted

        return adapted(request.weights, load(_base_of(request, request.weights), threads))
    make: Callable[[str, int | None], Embedder]
    try:
        if request.name == SSCD and request.weights is not None:
            from visualsearch_cli.embedders.torched.sscd import SscdEmbedder

            make = partial(SscdEmbedder, request.weights)
        elif request.name.startswith(TIMM_PREFIX):
            from visualsearch_cli.embedders.torched.timm_models import TimmEmbedder

            make = partial(TimmEmbedder, request.name, request.weights)
        else:
            from visualsearch_cli.embedders.torched.openclip import OpenClipEmbedder

            make = partial(OpenClipEmbedder, request.name, request.weights)
    except (ImportError, OSError) as error:  # OSError: a library of torch does not load
        raise _missing_packages(request.name, error) from error
    return make(request.device, threads)


def _base_of(request: ModelRequest, file: Path) -> ModelRequest:
    """Return the model that an adapted one is made from. A file of weights is one that the user named once.

    Raises ModelUnavailable if nobody did, or if this version has another model of that name.
    """
    from visualsearch_cli.embedders.projection import read_header

    base = read_header(file).base
    weights = None
    if base.name not in BUILT_IN and base.weights.startswith("sha256:"):
        named = remembered(WEIGHTS).get(base.weights)
        if named is None or not Path(named).is_file():
            raise ModelUnavailable(
                f"{file} was made from {described(base)}, and nobody said which file that is: run a command "
                f"with --model {base.name} --weights FILE once, on an index of it"
            )
        weights = Path(named)
    asked = ModelRequest(base.name, weights, request.device)
    if not identity(asked).matches(base):
        raise ModelUnavailable(
            f"{file} was made from {described(base)}, and here is {described(identity(asked))}: adapt anew"
        )
    return asked


def has_words(name: str) -> bool:
    """Tell whether a model, by its full name, also makes vectors of words."""
    return name == ONNX or name.startswith(OPEN_CLIP_PREFIX)


def load_text(request: ModelRequest, threads: int | None = None) -> TextTower:
    """Return the text tower of a model that has one. Its image tower is not loaded.

    Raises ModelUnavailable if it, its weights or the packages that run it are not here.
    """
    request = resolve(request)
    if request.name == ONNX:
        if request.text is None or request.tokenizer is None:
            raise ModelUnavailable(
                "nobody said which text tower belongs to this image tower: pass "
                "--weights image.onnx,text.onnx --tokenizer tokenizer.json"
            )
        from visualsearch_cli.embedders.onnx_towers import OnnxText

        return OnnxText(request.text, request.tokenizer, threads)
    try:
        from visualsearch_cli.embedders.torched.openclip import OpenClipText
    except (ImportError, OSError) as error:
        raise _missing_packages(request.name, error) from error
    return OpenClipText(request.name, request.weights, request.device, threads)


def _missing_packages(name: str, error: Exception) -> ModelUnavailable:
    install = INSTALL.replace("clip", "timm") if name.startswith(TIMM_PREFIX) else INSTALL
    return ModelUnavailable(f"{name} needs packages that are not installed ({error}): {install}")


def available() -> list[EmbedderInfo]:
    """List the embedders, and say where their weights are. Imports none of them."""
    infos = [
        EmbedderInfo(
            BUNDLED.name,
            "a small network trained to find copies",
            BUNDLED.dim,
            "in the package",
            2.0,
            is_default=True,
        )
    ]
    summaries = {
        "dct": "low frequencies of the gray picture",
        "pixels": "a thumbnail of 12 × 12 pixels",
        "histogram": "colors in 4 × 4 cells",
        "hog": "directions of edges",
    }
    for name, summary in summaries.items():
        infos.append(EmbedderInfo(name, summary, BUILT_IN[name].dim, "none needed", None))
    for spec, kind in ((SIFT, "SIFT"), (ORB, "ORB")):
        infos.append(
            EmbedderInfo(
                spec.name, f"local features of {kind}, put together", spec.dim, "in the package", 0.4
            )
        )
    infos.append(EmbedderInfo("clip", f"what the picture shows: {CLIP}", 512, _clip_state(), 605.0))
    infos.append(EmbedderInfo(ONNX, "CLIP and its like, without torch", None, "--weights FILE,FILE", None))
    about = "a network of timm: ResNet, EfficientNet …"
    infos.append(EmbedderInfo(f"{TIMM_PREFIX}MODEL.TAG", about, None, "the hub, or --weights FILE", None))
    infos.append(EmbedderInfo(ADAPTED, "what `adapt` made from another model", None, "--weights FILE", None))
    infos.append(EmbedderInfo(SSCD, "a large network trained to find copies", None, "--weights FILE", None))
    return infos


def _clip_state() -> str:
    if not all(find_spec(package) for package in ("torch", "open_clip", "huggingface_hub")):
        return f"needs {INSTALL}"
    from visualsearch_cli.embedders.weights import cached_file

    return "downloaded" if cached_file(CLIP_LOCATION) else "not here"
