"""What names say: an edit, a copy, or nothing."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from visualsearch_cli.pictures.quality.file_names import copy_word, edited_word


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("IMG_1234-edited.jpg", "-edited"),
        ("IMG_1234-edited(2).jpg", "-edited"),
        ("IMG_1234-bearbeitet.jpg", "-bearbeitet"),
        ("IMG_1234-modifié.jpg", "-modifié"),
        ("IMG_1234-modifie\u0301.jpg", "-modifié"),
        ("IMG_1234-editado.jpg", "-editado"),
        ("IMG_1234-ha editado.jpg", "-ha editado"),
        ("IMG_1234-modificato.jpg", "-modificato"),
        ("IMG_1234-bewerkt.jpg", "-bewerkt"),
        ("IMG_1234-edytowane.jpg", "-edytowane"),
        ("IMG_1234-編集済み.jpg", "-編集済み"),
        ("IMG_1234-EDITED.JPG", "-edited"),
        ("IMG_E1234.JPG", "IMG_E"),
        ("img_e1234.heic", "img_e"),
        ("Screenshot_20230501-101112_A long name of-bearb.jpg", "-bearb"),
        ("IMG_1234-editat.jpg", "-editat"),
        ("IMG_1234-SMILE.jpg", "-smile"),
        ("IMG_1234-MIX.jpg", "-mix"),
        ("IMG_1234_edited.jpg", "_edited"),
        ("IMG_1234_edit (2).jpg", "_edit"),
        ("PXL_20230501_101112131~2.jpg", "~2"),
        ("IMG_20230501_101112~14.JPG", "~14"),
        ("IMG_1234 (Modified).jpg", "(Modified)"),
        ("IMG_1234 (Modified (2)).jpg", "(Modified (2))"),
        ("IMG_1234 (edited).jpg", "(edited)"),
        ("DSC_0042_edited-1.jpg", "_edited-1"),
        ("DSC_0042-Edit-2.tif", "-Edit-2"),
        ("DSC_0042-Enhanced-NR.jpg", "-Enhanced-NR"),
        ("DSC_0042_DxO.jpg", "_DxO"),
        ("DSC_0042-DxO_DeepPRIME.jpg", "-DxO_DeepPRIME"),
        ("DSC_0042-topaz-denoise-enhance-2x.jpeg", "-topaz-denoise-enhance-2x"),
        ("DSC_0042-gigapixel-standard-scale-2_00x.jpg", "-gigapixel-standard-scale-2_00x"),
        ("DSC_0042_upscayl_4x_ultrasharp.png", "_upscayl_4x_ultrasharp"),
        ("topaz.jpg", ""),
        ("ring-topazes.jpg", ""),
        ("credit_1.jpg", ""),
        ("IMG_1234 (unmodified).jpg", ""),
        ("PICTUR~1.JPG", ""),
        ("summer_mix.jpg", ""),
        ("IMG_1234.JPG", ""),
        ("IMG_EVENING.jpg", ""),
        ("edited.jpg", ""),
        ("the-unedited.jpg", ""),
        ("short-ed.jpg", ""),
        ("photo-credited.jpg", ""),
    ],
)
def test_edits(name: str, word: str) -> None:
    assert edited_word(PurePath("folder") / name) == word


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("IMG_1234 (1).jpg", "(1)"),
        ("IMG_1234(12).jpg", "(12)"),
        ("IMG_1234 copy.jpg", "copy"),
        ("IMG_1234 copy 2.jpg", "copy 2"),
        ("IMG_1234 - Copy.jpg", "Copy"),
        ("IMG_1234 - Copy (3).jpg", "Copy (3)"),
        ("Copy of IMG_1234.jpg", "Copy of"),
        ("IMG_1234 Kopie.jpg", "Kopie"),
        ("Kopie von IMG_1234.jpg", "Kopie von"),
        ("IMG_1234 - copia.jpg", "copia"),
        ("IMG_1234_副本.jpg", "副本"),
        ("IMG_1234副本2.jpg", "副本2"),
        ("IMG_1234のコピー.jpg", "のコピー"),
        ("IMG_1234 - 複製 (2).jpg", "複製 (2)"),
        ("IMG_1234 (another copy).jpg", "(another copy)"),
        ("IMG_1234 (3rd copy).jpg", "(3rd copy)"),
        ("IMG_1234 (eine weitere Kopie).jpg", "(eine weitere Kopie)"),
        ("IMG_1234 (Kopie 2).jpg", "(Kopie 2)"),
        ("IMG_1234 – Kopie.jpg", "Kopie"),
        ("IMG_1234 - kópia.jpg", "kópia"),
        ("IMG_1234 - копія.jpg", "копія"),
        ("IMG_1 (Ana's conflicted copy 2020-01-31).jpg", "(Ana's conflicted copy 2020-01-31)"),
        ("IMG_1 (conflicted copy 2020-01-31 101112).jpg", "(conflicted copy 2020-01-31 101112)"),
        ("IMG_1.sync-conflict-20200131-101112-ABCDEF7.jpg", ".sync-conflict-20200131-101112-ABCDEF7"),
        ("IMG_1234.jpg", ""),
        ("IMG_1234 2.JPG", "2"),
        ("IMG_1234 12.HEIC", "12"),
        ("IMG-20190101-WA0003.jpg", "WA0003"),
        ("FB_IMG_1600000000000.jpg", "FB_IMG_1"),
        ("received_1600000000000.jpeg", "received_1"),
        ("signal-2020-01-31-101112.jpg", "signal-2"),
        ("photo_2020-01-31_10-11-12.jpg", "photo_2020-01-31_"),
        ("Rome 2019 2.jpg", ""),
        ("Day 2.jpg", ""),
        ("photo_12.jpg", ""),
        ("photocopy.jpg", ""),
        ("museum (photocopy).jpg", ""),
        ("copyright.jpg", ""),
        ("Kopierer.jpg", ""),
        ("1 (large).jpg", ""),
    ],
)
def test_copies(name: str, word: str) -> None:
    assert copy_word(PurePath(name)) == word
