"""What happens to photographs on their way through phones, messengers and editors."""

from collections.abc import Callable

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

Edit = Callable[[Image.Image], Image.Image]


def unchanged(image: Image.Image) -> Image.Image:
    return image


def fit(longest: int) -> Edit:
    """Scale down until the longer side has that many pixels."""

    def edit(image: Image.Image) -> Image.Image:
        factor = longest / max(image.size)
        size = (round(image.width * factor), round(image.height * factor))
        return image.resize(size, Image.Resampling.LANCZOS)

    return edit


def crop(left: float, top: float, right: float, bottom: float) -> Edit:
    """Cut off these shares of the width and height."""

    def edit(image: Image.Image) -> Image.Image:
        w, h = image.size
        box = (left * w, top * h, (1 - right) * w, (1 - bottom) * h)
        return image.crop((round(box[0]), round(box[1]), round(box[2]), round(box[3])))

    return edit


def quarter_turn(image: Image.Image) -> Image.Image:
    return image.transpose(Image.Transpose.ROTATE_90)


def tilt(degrees: float) -> Edit:
    """Turn a little and cut the empty corners off."""

    def edit(image: Image.Image) -> Image.Image:
        turned = image.rotate(degrees, Image.Resampling.BICUBIC)
        share = abs(degrees) / 57.3 / 2 * max(image.size) / min(image.size)
        return crop(share, share, share, share)(turned)

    return edit


def mirror(image: Image.Image) -> Image.Image:
    return ImageOps.mirror(image)


def caption(text: str) -> Edit:
    """Write white letters with a dark outline across the bottom."""

    def edit(image: Image.Image) -> Image.Image:
        captioned = image.copy()
        font = ImageFont.load_default(image.height / 11)
        ImageDraw.Draw(captioned).text(
            (image.width / 2, image.height * 0.9),
            text,
            fill="white",
            font=font,
            anchor="mm",
            stroke_width=max(1, image.height // 150),
            stroke_fill="black",
        )
        return captioned

    return edit


def border(share: float, paint: str) -> Edit:
    def edit(image: Image.Image) -> Image.Image:
        return ImageOps.expand(image, round(share * min(image.size)), paint)

    return edit


def warm(image: Image.Image) -> Image.Image:
    red, green, blue = image.split()
    shifted = (red.point(lambda v: v * 1.12 + 6), green, blue.point(lambda v: v * 0.78))
    return Image.merge("RGB", shifted)


def darker(image: Image.Image) -> Image.Image:
    return ImageEnhance.Contrast(ImageEnhance.Brightness(image).enhance(0.6)).enhance(1.1)


def grayscale(image: Image.Image) -> Image.Image:
    return ImageOps.grayscale(image)


def sepia(image: Image.Image) -> Image.Image:
    return ImageOps.colorize(ImageOps.grayscale(image), "#1c0f06", "#fff3d6", "#a9835a")


def letterbox(width: int, height: int) -> Edit:
    """Place the picture between black bars."""

    def edit(image: Image.Image) -> Image.Image:
        return ImageOps.pad(image, (width, height), Image.Resampling.LANCZOS, "black")

    return edit


def screenshot(width: int, height: int) -> Edit:
    """Show the picture in the gallery of a phone: a status bar above, buttons below."""

    def edit(image: Image.Image) -> Image.Image:
        screen = Image.new("RGB", (width, height), "#101114")
        shown = ImageOps.contain(image, (width, round(height * 0.84)), Image.Resampling.LANCZOS)
        screen.paste(shown, ((width - shown.width) // 2, (height - shown.height) // 2))
        draw = ImageDraw.Draw(screen)
        small = ImageFont.load_default(height / 32)
        draw.text((width * 0.04, height * 0.035), "14:07", fill="white", font=small, anchor="lm")
        draw.rounded_rectangle(
            (width * 0.90, height * 0.022, width * 0.96, height * 0.048), 4, outline="white"
        )
        draw.rectangle((width * 0.91, height * 0.028, width * 0.94, height * 0.042), "white")
        for number, label in enumerate(("Share", "Edit", "Delete")):
            at = (width * (0.2 + 0.3 * number), height * 0.965)
            draw.text(at, label, fill="#c8ccd4", font=small, anchor="mm")
        return screen

    return edit
