using System.CommandLine;
using LipSol.Language.Decoding;

namespace LipSol.Cli.Models;

/// <summary><c>--decoder</c>: what reads a sentence.</summary>
internal static class DecoderOption
{
    public static Option<string?> Create()
    {
        var decoder = new Option<string?>("--decoder") { Description = "What reads a sentence: greedy, beam, lexicon or grammar [default: the model's]. Grammar and lexicon read nothing else than their sentences and words." };
        decoder.AcceptOnlyFromAmong([.. DecoderNames.All]);
        return decoder;
    }
}
