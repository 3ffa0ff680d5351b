"""Every kind of image file comes out as the RGB that its mode and format define."""

import numpy as np
import pytest
from PIL import Image

from utils.data import image_files

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 9, 4), dtype=np.uint8)
GRAY = PIXELS[..., 0]
RGB = PIXELS[..., :3]


def save(folder, pixels, mode, name, **options):
    path = folder / name
    Image.fromarray(pixels).convert(mode).save(path, **options)
    return path


def over_white(rgb, alpha):
    share = alpha[..., None] / 255
    return rgb * share + 255 * (1 - share)


def three(gray):
    return np.repeat(np.asarray(gray)[..., None], 3, axis=-1)


def noise(height=120, width=160):
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("extension", ["png", "bmp", "tif"])
def test_rgb_is_kept(tmp_path, extension):
    np.testing.assert_array_equal(image_files.read(save(tmp_path, RGB, "RGB", f"a.{extension}")), RGB)


def test_rgb_webp_is_kept(tmp_path):
    np.testing.assert_array_equal(image_files.read(save(tmp_path, RGB, "RGB", "a.webp", lossless=True)), RGB)


def test_jpeg_is_close(tmp_path):
    smooth = np.full((16, 16, 3), (200, 120, 40), np.uint8)
    result = image_files.read(save(tmp_path, smooth, "RGB", "a.jpg", quality=95))
    np.testing.assert_allclose(result, smooth, atol=3)


@pytest.mark.parametrize("extension", ["png", "bmp", "tif", "gif"])
def test_gray_is_repeated(tmp_path, extension):
    np.testing.assert_array_equal(image_files.read(save(tmp_path, GRAY, "L", f"a.{extension}")), three(GRAY))


def test_one_bit_is_black_and_white(tmp_path):
    bits = GRAY > 127
    path = tmp_path / "a.png"
    Image.fromarray(bits).save(path)
    np.testing.assert_array_equal(image_files.read(path), three(np.where(bits, 255, 0)))


@pytest.mark.parametrize("extension", ["png", "tif"])
def test_16_bit_gray_is_scaled(tmp_path, extension):
    deep = np.random.default_rng(2).integers(0, 65536, (6, 9), dtype=np.uint16)
    deep[0, :2] = 0, 65535
    path = tmp_path / f"a.{extension}"
    Image.fromarray(deep).save(path)
    np.testing.assert_array_equal(image_files.read(path), three(np.round(deep / 65535 * 255)))


def test_16_bit_gray_of_the_other_byte_order_is_scaled(tmp_path):
    path = tmp_path / "a.tif"
    Image.frombytes("I;16B", (2, 1), bytes([0x80, 0x80, 0x00, 0x00])).save(path)
    assert image_files.read(path)[0, :, 0].tolist() == [128, 0]


@pytest.mark.parametrize("mode", ["I", "F"])
def test_32_bit_pixels_are_refused(tmp_path, mode):
    path = save(tmp_path, GRAY, mode, "a.tif")
    assert "convert it to 8 bits" in image_files.why_unreadable(path)


def test_transparent_is_white(tmp_path):
    path = save(tmp_path, PIXELS, "RGBA", "a.png")
    np.testing.assert_allclose(image_files.read(path), over_white(RGB, PIXELS[..., 3]), atol=1)


def test_transparent_gray_is_white(tmp_path):
    path = tmp_path / "a.png"
    Image.merge("LA", [Image.fromarray(GRAY), Image.fromarray(PIXELS[..., 3])]).save(path)
    np.testing.assert_allclose(image_files.read(path), over_white(three(GRAY), PIXELS[..., 3]), atol=1)


@pytest.mark.parametrize("extension", ["png", "gif"])
def test_palette(tmp_path, extension):
    palette = [(255, 0, 0), (0, 255, 0), (10, 20, 30)]
    index = np.arange(12, dtype=np.uint8).reshape(3, 4) % 3
    image = Image.fromarray(index)
    image.putpalette([value for color in palette for value in color])
    image.save(tmp_path / f"a.{extension}")
    np.testing.assert_array_equal(image_files.read(tmp_path / f"a.{extension}"), np.array(palette)[index])


@pytest.mark.parametrize("extension", ["png", "gif"])
def test_palette_with_a_transparent_color(tmp_path, extension):
    image = Image.fromarray(np.array([[0, 1]], np.uint8))
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.save(tmp_path / f"a.{extension}", transparency=1)
    result = image_files.read(tmp_path / f"a.{extension}")
    assert result.tolist() == [[[255, 0, 0], [255, 255, 255]]]


def test_rgb_with_a_transparent_color(tmp_path):
    image = Image.fromarray(np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8))
    image.save(tmp_path / "a.png", transparency=(4, 5, 6))
    assert image_files.read(tmp_path / "a.png").tolist() == [[[1, 2, 3], [255, 255, 255]]]


@pytest.mark.parametrize(("extension", "tolerance"), [("tif", 1), ("jpg", 4)])
def test_cmyk_is_ink_on_white(tmp_path, extension, tolerance):
    inks = np.broadcast_to(np.array([10, 120, 200, 30], np.uint8), (16, 16, 4))
    path = tmp_path / f"a.{extension}"
    Image.frombytes("CMYK", (16, 16), inks.tobytes()).save(path)
    expected = (255 - inks[..., :3].astype(float)) * (255 - 30) / 255
    np.testing.assert_allclose(image_files.read(path), expected, atol=tolerance)


def test_ycbcr_tiff(tmp_path):
    path = tmp_path / "a.tif"
    Image.frombytes("YCbCr", (1, 1), bytes([100, 90, 170])).save(path)
    red, blue = 100 + 1.402 * (170 - 128), 100 + 1.772 * (90 - 128)
    green = 100 - 0.344136 * (90 - 128) - 0.714136 * (170 - 128)
    np.testing.assert_allclose(image_files.read(path)[0, 0], [red, green, blue], atol=1)


def test_first_picture_of_an_animation(tmp_path):
    first, second = Image.new("RGB", (4, 3), "red"), Image.new("RGB", (4, 3), "blue")
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    assert (image_files.read(tmp_path / "a.gif") == (255, 0, 0)).all()


# What a viewer does with each orientation, in NumPy's words.
UPRIGHT = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.transpose(1, 0, 2),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: image[::-1, ::-1].transpose(1, 0, 2),
    8: lambda image: np.rot90(image),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("extension", ["png", "tif"])
def test_photos_are_turned_upright(tmp_path, orientation, extension):
    image = Image.fromarray(RGB)
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(tmp_path / f"a.{extension}", exif=exif)
    np.testing.assert_array_equal(image_files.read(tmp_path / f"a.{extension}"), UPRIGHT[orientation](RGB))


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "tif", "bmp", "gif"])
def test_truncation_is_found(tmp_path, extension):
    whole = save(tmp_path, noise(), "RGB", f"whole.{extension}")
    cut = tmp_path / f"cut.{extension}"
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) * 2 // 3])
    assert image_files.why_unreadable(whole) is None
    assert image_files.why_unreadable(cut)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_check_and_reading_agree_on_every_cut(tmp_path, mode, progressive):
    content = save(tmp_path, noise(), mode, "whole.jpg", progressive=progressive).read_bytes()
    cuts = [*range(0, len(content), 997), *range(len(content) - 12, len(content))]
    found = []
    for cut in cuts:
        path = tmp_path / "cut.jpg"
        path.write_bytes(content[:cut])
        found.append(image_files.why_unreadable(path) is None)
        assert found[-1] == reads(path), f"first {cut} of {len(content)} bytes"
    assert not any(found[:-12])


def reads(path):
    try:
        image_files.read(path)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("content", [b"", b"no image"])
def test_what_is_no_image_is_found(tmp_path, content):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert image_files.why_unreadable(path) == "it is not an image"
