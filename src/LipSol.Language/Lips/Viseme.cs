namespace LipSol.Language.Lips;

/// <summary>What the lips show of a phoneme. Phonemes of one class can't be told apart by sight.</summary>
/// <remarks>
/// The classes are those of Jeffers and Barley (Speechreading, 1971) and Fisher (Confusions among visually perceived consonants, JSHR 11, 1968),
/// adapted to Urdu: aspiration, voicing and nasality don't show; ٹ ڈ ڑ ر (tongue curled back) stand apart from the dentals, whose tongue tip
/// is seen between the teeth; velar, uvular and glottal consonants (Fisher's /k g h/) show nothing of their own; ی as a glide is a short close front vowel.
/// As Jeffers and Barley do, ɔ (lips rounded, opened wider) stands apart from o and u (puckered).
/// </remarks>
public enum Viseme
{
    /// <summary>Mouth at rest.</summary>
    Silence,
    /// <summary>پ پھ ب بھ م: lips pressed together.</summary>
    Bilabial,
    /// <summary>ف و: lower lip at the upper teeth.</summary>
    Labiodental,
    /// <summary>ت تھ د دھ ن ل: tongue tip at the teeth.</summary>
    Dental,
    /// <summary>س ز: teeth together, lips drawn back.</summary>
    Sibilant,
    /// <summary>ش چ چھ ج ژ: teeth together, lips pushed forward.</summary>
    Postalveolar,
    /// <summary>ٹ ٹھ ڈ ڈھ ڑ ر: tongue curled back, lips neutral.</summary>
    Retroflex,
    /// <summary>ک گ خ غ ق ہ: made behind the lips; they keep their neighbours' shape.</summary>
    Back,
    /// <summary>iː ɪ j: spread and narrow.</summary>
    CloseFront,
    /// <summary>eː ɛː: spread, half open.</summary>
    MidFront,
    /// <summary>aː: wide open.</summary>
    Open,
    /// <summary>ə: half open, neutral.</summary>
    Central,
    /// <summary>uː ʊ: tightly rounded.</summary>
    CloseBack,
    /// <summary>oː: rounded, half open.</summary>
    MidBack,
    /// <summary>ɔː: loosely rounded, open.</summary>
    OpenBack,
}
