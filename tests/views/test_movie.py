"""Movies: one picture for each time, colored by the recording."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest
from matplotlib.animation import FFMpegWriter
from PIL import Image

from cerebella.errors import InputError, MachineError
from cerebella.runs.run import Run
from cerebella.views.movie import save_movie


@pytest.fixture
def run(make_purkinje_run):
    return make_purkinje_run("run1")


def test_a_gif_has_a_picture_for_each_time(run, tmp_path):
    done = []
    path = save_movie(
        run, tmp_path / "a.gif", window_ms=(150, 160), step_ms=5, fps=10, on_progress=done.append
    )
    with Image.open(path) as movie:
        assert movie.n_frames == 3  # 150, 155 and 160 ms
        assert movie.info["duration"] == 100
    assert done == pytest.approx([1 / 3, 2 / 3, 1])


def test_pictures_show_the_concentration_at_their_time(run, tmp_path):
    """The thin dendrite is at 0.04 µM before the pulse and at 4 µM in it, dark and orange."""
    path = save_movie(run, tmp_path / "a.gif", window_ms=(140, 160), step_ms=20)
    shares = []
    with Image.open(path) as movie:
        for number in range(movie.n_frames):
            movie.seek(number)
            colors = np.asarray(movie.convert("RGB")).astype(int)
            cell = colors[: colors.shape[0] // 2, : 3 * colors.shape[1] // 4]
            red, green, blue = np.moveaxis(cell, 2, 0)
            shares.append(((red > 200) & (green > 100) & (green < 190) & (blue < 60)).sum())
    assert shares[0] == 0
    assert shares[1] > 100


def test_two_runs_are_shown_side_by_side(make_purkinje_run, tmp_path):
    one, two = (
        save_movie([make_purkinje_run() for _ in range(n)], tmp_path / f"{n}.gif", step_ms=200)
        for n in (1, 2)
    )
    with Image.open(one) as first, Image.open(two) as second:
        assert second.width > 1.5 * first.width


@pytest.mark.skipif(
    not FFMpegWriter.isAvailable() and importlib.util.find_spec("imageio_ffmpeg") is None,
    reason="there is no ffmpeg",
)
def test_an_mp4_is_written_by_ffmpeg(run, tmp_path):
    path = save_movie(run, tmp_path / "a.mp4", window_ms=(150, 160), step_ms=5)
    assert path.read_bytes()[4:8] == b"ftyp"


def test_without_ffmpeg_there_is_one_message(run, tmp_path, monkeypatch):
    monkeypatch.setattr(FFMpegWriter, "isAvailable", lambda: False)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(MachineError, match=r"pip install 'cerebella\[movies\]'"):
        save_movie(run, tmp_path / "a.mp4")
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"step_ms": 0}, "`step_ms` is 0"),
        ({"fps": float("nan")}, "`fps` is nan"),
        ({"step_ms": 0.01}, "29,901 pictures"),
        ({"quantity": "v"}, "no recording 'v'.*Choose from calcium"),
        ({"window_ms": (200, 400)}, "window"),
    ],
)
def test_wrong_arguments_are_refused(run, tmp_path, changes, message):
    with pytest.raises(InputError, match=message):
        save_movie(run, tmp_path / "a.gif", **changes)


def test_other_levels_and_formats_are_refused(run, small_spikes, tmp_path):
    network = Run({"kind": "mli", "duration_ms": 200.0}, spikes=small_spikes)
    with pytest.raises(InputError, match="molecular layer, which has no dendrite"):
        save_movie(network, tmp_path / "a.gif")
    with pytest.raises(InputError, match=r"cannot save movies as \.avi"):
        save_movie(run, tmp_path / "a.avi")
