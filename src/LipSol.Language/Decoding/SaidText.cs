using LipSol.Language.Alignment;
using LipSol.Language.Text;

namespace LipSol.Language.Decoding;

/// <summary>What is said in a clip of <c>val</c>, as the network and a language model have it, whatever a beam holds.</summary>
/// <param name="Clip">The clip.</param>
/// <param name="Network">Log probability of the text; null where its letters or the frames don't allow it.</param>
/// <param name="LanguageModel">Log probability of the text.</param>
/// <param name="Letters">Letters.</param>
internal sealed record SaidText(HeldOutClip Clip, double? Network, double LanguageModel, int Letters)
{
    /// <summary>Works it out once for all settings that are tried.</summary>
    public static SaidText Of(HeldOutClip clip, Alphabet alphabet, CharacterNgramModel model)
    {
        var unwritable = new SaidText(clip, null, 0, 0);
        if (clip.Said.Length == 0 || alphabet.Foreign(clip.Said).Count > 0) return unwritable;
        var letters = alphabet.Encode(clip.Said);
        if (CtcAligner.FramesNeeded(letters) > clip.LogProbs_TV.Length / alphabet.Count) return unwritable;
        // Where one sentence is all that may be written, and the beam holds all that it begins with, a beam search is exact.
        var only = new Grammar { Patterns = [[new GrammarSlot([clip.Said])]] }.Automaton(alphabet);
        var found = new PrefixBeamSearch(letters.Length + 1, only).Decode(clip.LogProbs_TV, alphabet.Count);
        return found.Count == 0 ? unwritable : new SaidText(clip, found[0].Score, model.LogProbability(clip.Said), letters.Length);
    }

    /// <summary>Whether a decoder of this kind can write it.</summary>
    public bool Writable(DecoderKind kind, DecoderSet set) => Network is not null && kind switch
    {
        DecoderKind.Grammar => set.Grammar!.Accepts(Clip.Said),
        DecoderKind.Lexicon => Transcripts.Words(Clip.Said).All(set.Lexicon!.Words.Contains),
        _ => true,
    };

    /// <summary>−log of its share among the texts that a decoder held, itself included.</summary>
    public double Loss(SentenceReading reading, DecoderSettings settings)
    {
        var exact = Network!.Value + settings.LanguageModelWeight * LanguageModel + settings.LetterBonus * Letters;
        // The beam adds spellings with stray spaces, and lets unlikely paths go.
        var score = reading.NBest.Where(a => a.Text == Clip.Said).Select(a => a.Score).Append(exact).Max();
        var all = reading.NBest.Where(a => a.Text != Clip.Said).Select(a => a.Score).Aggregate(score, LogProbabilities.Add);
        return all - score;
    }
}
