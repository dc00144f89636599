"""Letters of every script as plain Latin ones, so that a name is compared with what
others made of it: Γεωργίου with Georgiou, шахта with shakhta, ﾐﾗｲ with ミライ.

Signs that stand for words (Chinese, and what of Japanese is written so) have no
letters; they are compared by pairs, each sign spelled by a code of its own.
"""

import re
import unicodedata
from functools import lru_cache

from .east import VARIANTS


def _table(text):
    """Return what `str.translate` takes, of pairs such as ``а-a``."""
    pairs = (pair.partition("-") for pair in text.split())
    return {ord(sign): letters for sign, _dash, letters in pairs}


# letters that Unicode doesn't take apart
LATIN = _table("ß-ss ø-o æ-a œ-o ł-l đ-d ð-d þ-th ı-i ħ-h ŧ-t ŋ-n ə-a ĸ-k ſ-s")
GREEK = _table(
    "α-a β-v γ-g δ-d ε-e ζ-z η-i θ-th ι-i κ-k λ-l μ-m ν-n ξ-x ο-o π-p ρ-r σ-s ς-s"
    " τ-t υ-y φ-f χ-ch ψ-ps ω-o"
)
# two letters that are heard as one
GREEK_PAIRS = (
    *(("ου", "ou"), ("αυ", "av"), ("ευ", "ev"), ("μπ", "b"), ("ντ", "nt")),
    *(("γκ", "gk"), ("γγ", "ng")),
)
# what Ukrainian reads otherwise than Russian, and by which letters it is known
UKRAINIAN = _table("г-h и-y ї-yi")
IS_UKRAINIAN = re.compile("[іїєґ]")
# an article, and an end that is written in two ways
ARABIC_ARTICLE = re.compile(r"\bال(?=\w{3})")
ARABIC_END = re.compile(r"(?<=\w\w)ه\b")
# a vowel that is written before its consonant, one that is silent, letters
THAI_BEFORE = re.compile("([\u0e40-\u0e44])([\u0e01-\u0e2e])")
THAI_SILENT = re.compile("[\u0e01-\u0e2e][\u0e34-\u0e39]?\u0e4c")
THAI = _table(
    "ก-k ข-kh ฃ-kh ค-kh ฅ-kh ฆ-kh ง-ng จ-j ฉ-ch ช-ch ซ-s ฌ-ch ญ-n ฎ-d ฏ-t ฐ-th ฑ-th"
    " ฒ-th ณ-n ด-d ต-t ถ-th ท-th ธ-th น-n บ-b ป-p ผ-ph ฝ-f พ-ph ฟ-f ภ-ph ม-m ย-y ร-r"
    " ฤ-ru ล-l ว-w ศ-s ษ-s ส-s ห-h ฬ-l อ-o ฮ-h ะ-a ั-a า-a ำ-am ิ-i ี-i ึ-u ื-u"
    " ุ-u ู-u เ-e แ-ae โ-o ใ-ai ไ-ai ็- ่- ้- ๊- ๋- ์- ๆ- ฯ-"
)
CYRILLIC = _table(
    "а-a б-b в-v г-g д-d е-e ж-zh з-z и-i к-k л-l м-m н-n о-o п-p р-r с-s т-t у-u"
    " ф-f х-kh ц-ts ч-ch ш-sh щ-shch ъ- ы-y ь- э-e ю-yu я-ya і-i є-ye ґ-g ђ-dj ј-j"
    " љ-lj њ-nj ћ-c џ-dz ѕ-dz ӏ- ә-a ғ-g қ-k ң-n ө-o ұ-u ү-u һ-h"
)
HEBREW = _table(
    "א-a ב-b ג-g ד-d ה-h ו-w ז-z ח-h ט-t י-y כ-k ך-k ל-l מ-m ם-m נ-n ן-n ס-s ע-a"
    " פ-p ף-p צ-ts ץ-ts ק-k ר-r ש-sh ת-t"
)
ARABIC = _table(
    "ا-a ٱ-a ب-b ت-t ث-th ج-j ح-h خ-kh د-d ذ-dh ر-r ز-z س-s ش-sh ص-s ض-d ط-t ظ-z"
    " ع-a غ-gh ف-f ق-q ك-k ک-k ل-l م-m ن-n ه-h و-w ي-y ى-y ی-y ة-a ء- ـ- پ-p چ-ch"
    " ژ-zh گ-g ہ-h ھ-h ں-n ٹ-t ڈ-d ڑ-r ے-y"
)
# what a consonant is followed by, if by nothing else: a
INDIC = {
    "consonants": _table(
        "क-k ख-kh ग-g घ-gh ङ-n च-ch छ-ch ज-j झ-jh ञ-n ट-t ठ-th ड-d ढ-dh ण-n त-t"
        " थ-th द-d ध-dh न-n ऩ-n प-p फ-ph ब-b भ-bh म-m य-y र-r ऱ-r ल-l ळ-l ऴ-l व-w"
        " श-sh ष-sh स-s ह-h"
    ),
    "vowels": _table("अ-a आ-a इ-i ई-i उ-u ऊ-u ऋ-ri ए-e ऐ-ai ओ-o औ-au ऍ-e ऎ-e ऑ-o ऒ-o"),
    "signs": _table("ा-a ि-i ी-i ु-u ू-u ृ-ri ॅ-e ॆ-e े-e ै-ai ॉ-o ॊ-o ो-o ौ-au"),
}
KANA = _table(
    "ア-a イ-i ウ-u エ-e オ-o カ-ka キ-ki ク-ku ケ-ke コ-ko サ-sa シ-shi ス-su セ-se"
    " ソ-so タ-ta チ-chi ツ-tsu テ-te ト-to ナ-na ニ-ni ヌ-nu ネ-ne ノ-no ハ-ha ヒ-hi"
    " フ-fu ヘ-he ホ-ho マ-ma ミ-mi ム-mu メ-me モ-mo ヤ-ya ユ-yu ヨ-yo ラ-ra リ-ri"
    " ル-ru レ-re ロ-ro ワ-wa ヰ-i ヱ-e ヲ-o ン-n ガ-ga ギ-gi グ-gu ゲ-ge ゴ-go ザ-za"
    " ジ-ji ズ-zu ゼ-ze ゾ-zo ダ-da ヂ-ji ヅ-zu デ-de ド-do バ-ba ビ-bi ブ-bu ベ-be"
    " ボ-bo パ-pa ピ-pi プ-pu ペ-pe ポ-po ヴ-vu ァ-a ィ-i ゥ-u ェ-e ォ-o ャ-ya ュ-yu"
    " ョ-yo ッ- ー- ヽ- ヾ-"
)
# the parts that a Korean syllable is made of, in Unicode's order
INITIALS = "g kk n d tt r m b pp s ss - j jj ch k t p h".replace("-", "_").split()
MIDDLES = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()
FINALS = ("_ k k ks n nj nh t l lk lm lb ls lt lp lh m p ps t t ng t t k t p t").split()

LETTERS = LATIN | GREEK | CYRILLIC | HEBREW | ARABIC
# how languages write what a keyboard lacks: Müller, Mueller and Muller are one
PAIRS = re.compile(r"ae|oe|ue|aa")
SINGLE = {"ae": "a", "oe": "o", "ue": "u", "aa": "a"}
INDIC_RUN = re.compile("[\u0900-\u0d7f]+")
HANGUL = re.compile("[\uac00-\ud7a3]")
HIRAGANA = re.compile("[\u3041-\u3096\u309d\u309e]")
KANA_RUN = re.compile("[\u30a1-\u30fe]+")
LONG_VOWEL = re.compile("(o|u)[uo]+")
# marks within a word: Hebrew's and Greek's abbreviations
INNER = re.compile(r"(?<=[\u05d0-\u05ea])[\"'\u05f3\u05f4\u201d](?=[\u05d0-\u05ea])")
# what ties letters together that are one abbreviation: G.m.b.H., e. K., A/S
DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_][./] ?){1,}[^\W\d_](?![^\W_])\.?")
# so many signs of a value say who it is, whatever else is in there
LONGEST = 500
# marks that say how to write, such as from right to left
UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
DIGIT = re.compile(r"(?![0-9])\d")
# the last sign before Greek, and what stands above and below Latin letters
LAST_LATIN, ACCENTS = "\u036f", re.compile("[\u0300-\u036f]+")
WORD = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
NOT_WORD = re.compile(r"[^a-z0-9]+")
FIRST_VOWELS = set("eiou")
VOWELS = re.compile(r"[aeiouyhw]")
DOUBLE = re.compile(r"(.)\1+")
HEARD = (("ph", "f"), ("x", "ks"), ("ck", "k"), ("sch", "s"), ("tch", "ch"))
# what a name in Arabic may have before it, joined or not
ARTICLE = re.compile("^al(?=[^aeioul]..)")
ALIKE = str.maketrans("czvdbgq", "ksftpkk")
# letters that no two of are heard as one
CODE = "fjklmnpqrstx"


def clean(text):
    """Return a text as it would be typed on one keyboard: wide and small signs as
    plain ones, digits of every script as ours, nothing that can't be seen. What is too
    long is cut: a pattern may go over it once for each sign.
    """
    text = text[:LONGEST]
    if text.isascii():
        return text
    text = UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    return DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)


@lru_cache(maxsize=16384)
def fold(text):
    """Return a text in small plain letters, each spelling of a letter as one; signs
    that have no letters stay.
    """
    if not text.isascii():
        text = _fold_script(clean(text).lower())
    else:
        text = text.lower()
    return PAIRS.sub(lambda match: SINGLE[match[0]], text)


def _fold_script(text):
    """Return a text of any script in plain letters."""
    if max(text) <= LAST_LATIN:
        text = ACCENTS.sub("", unicodedata.normalize("NFKD", text))
        return text.translate(LETTERS)
    text = INNER.sub("", text).translate(VARIANTS)
    text = ARABIC_END.sub("ة", ARABIC_ARTICLE.sub("", text))
    if IS_UKRAINIAN.search(text):
        text = text.translate(UKRAINIAN)
    text = THAI_BEFORE.sub(r"\2\1", THAI_SILENT.sub("", text)).translate(THAI)
    text = INDIC_RUN.sub(_read_indic, text)
    text = HANGUL.sub(_read_hangul, text)
    text = HIRAGANA.sub(lambda match: chr(ord(match[0]) + 0x60), text)
    text = KANA_RUN.sub(_read_kana, text)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    for pair, letters in GREEK_PAIRS:
        text = text.replace(pair, letters)
    # Unicode takes some apart into letters that are in the tables only then
    return text.translate(LETTERS)


def _read_indic(match):
    """Return the letters of Indian scripts, all of which are laid out alike."""
    result, open_ = [], False
    for sign in match[0]:
        code = 0x0900 + (ord(sign) & 0x7F)
        if code in INDIC["consonants"]:
            result.append(("a" if open_ else "") + INDIC["consonants"][code])
            open_ = True
            continue
        if code in INDIC["signs"]:
            result.append(INDIC["signs"][code])
        elif code in INDIC["vowels"]:
            result.append(("a" if open_ else "") + INDIC["vowels"][code])
        elif code in (0x0902, 0x0901):
            result.append("an" if open_ else "n")
        elif code == 0x093C:  # a dot that changes the consonant
            continue
        open_ = False
    return "".join(result)


def _read_hangul(match):
    place = ord(match[0]) - 0xAC00
    parts = (
        INITIALS[place // 588],
        MIDDLES[place // 28 % 21],
        FINALS[place % 28],
    )
    return "".join(parts).replace("_", "")


def _read_kana(match):
    """Return the letters of kana; a small one changes the syllable before it."""
    text = match[0]
    for small, large in (("ャ", "a"), ("ュ", "u"), ("ョ", "o")):
        text = re.sub(
            f"[キギシジチヂニヒビピミリ]{small}",
            lambda m, large=large: _join_small(m[0][0], large),
            text,
        )
    return LONG_VOWEL.sub(r"\1", text.translate(KANA))


def _join_small(sign, vowel):
    """Return a syllable with the vowel of the small sign behind it: シ, a → sha."""
    start = KANA[ord(sign)][:-1]
    return start + vowel if start in ("sh", "j", "ch") else f"{start}y{vowel}"


def split_words(text):
    """Return the words of a text, folded; what is an abbreviation is one of them. Signs
    without letters stay as they are, as many as stand together.
    """
    text = clean(text)
    text = DOTTED.sub(lambda m: re.sub(r"[./ ]", "", m[0]) + " ", text)
    return WORD.findall(fold(text.replace("'", " ").replace("’", " ")))


def has_signs(word):
    """Return whether a word is of signs without letters."""
    return not word.isascii()


@lru_cache(maxsize=16384)
def spell(word):
    """Return a word in letters, signs by their codes."""
    if word.isascii():
        return word
    return "".join(sign if sign.isascii() else _get_code(sign) for sign in word)


def _get_code(sign):
    number, code = ord(sign), ""
    for _place in range(4):
        number, rest = divmod(number, len(CODE))
        code += CODE[rest]
    return code


def get_pieces(word):
    """Return what a word is compared by: itself, or the pairs of its signs."""
    if word.isascii():
        return [word]
    pairs = [word[i : i + 2] for i in range(len(word) - 1)] or [word]
    return [spell(pair) for pair in pairs]


def squeeze(text):
    """Return a text as one word of plain letters and digits."""
    return NOT_WORD.sub("", "".join(map(spell, WORD.findall(fold(text)))))


@lru_cache(maxsize=16384)
def get_skeleton(text):
    """Return the consonants that are heard, for names with slips and in two scripts."""
    for written, heard in HEARD:
        text = text.replace(written, heard)
    text = ARTICLE.sub("", text)
    first = "a" if text[:1] in FIRST_VOWELS else text[:1]
    text = first + VOWELS.sub("", text[1:])
    return DOUBLE.sub(r"\1", text.translate(ALIKE))


@lru_cache(maxsize=16384)
def get_stem(word):
    """Return a word as one of several, in the spelling that most have: technologies,
    Philipp.
    """
    if len(word) > 4 and word.isalpha():
        if word.endswith("ies"):
            word = word[:-3] + "y"
        elif word[-1] == "s" and word[-2] != "s":
            word = word[:-1]
    return DOUBLE.sub(r"\1", word)
