from pathlib import Path
from typing import Any

from bot.cli.eval_runs import last_run, save_run


def run(suite: str = "routing", model: str = "m", right: int = 1) -> dict[str, Any]:
    return {"suite": suite, "model": model, "right": right}


def test_the_last_run_of_the_same_suite_and_model_is_found(tmp_path: Path):
    for kept in (run(right=1), run(right=2), run(model="other", right=3), run(suite="sql", right=4)):
        save_run(tmp_path, kept)
    assert last_run(tmp_path, "routing", "m") == run(right=2)
    assert last_run(tmp_path, "routing", "nobody") is None


def test_the_first_run_has_none_before_it(tmp_path: Path):
    assert last_run(tmp_path, "routing", "m") is None


def test_a_models_name_cannot_leave_the_folder(tmp_path: Path):
    path = save_run(tmp_path, run(model="../../etc/x y"))
    assert path.parent == tmp_path / "evals"
    assert last_run(tmp_path, "routing", "../../etc/x y") is not None


def test_what_is_kept_is_for_the_operator_only(tmp_path: Path):
    path = save_run(tmp_path, run())
    assert (path.stat().st_mode & 0o077, path.parent.stat().st_mode & 0o077) == (0, 0)


def test_a_file_that_was_cut_off_is_passed_over(tmp_path: Path):
    save_run(tmp_path, run())
    (tmp_path / "evals" / "routing-m-29991231T000000.000000Z.json").write_text('{"suite": "rou')
    assert last_run(tmp_path, "routing", "m") == run()
