using System.CommandLine;
using LipSol.Client;
using LipSol.Language.Decoding;

namespace LipSol.Cli.Models;

/// <summary><c>--decoder</c>: what reads a sentence.</summary>
internal static class DecoderOption
{
    /// <summary>The option.</summary>
    /// <param name="all">Whether <c>all</c> may be asked for too: every decoder that the model has.</param>
    public static Option<string?> Create(bool all = false)
    {
        var decoder = new Option<string?>("--decoder")
        {
            Description = $"What reads a sentence: greedy, beam, lexicon or grammar{(all ? "; all: each that the model has, on the same clips" : "")} [default: the model's]. Grammar and lexicon read nothing else than their sentences and words.",
        };
        decoder.AcceptOnlyFromAmong([.. DecoderNames.All, .. all ? [Evaluate.AllDecoders] : Array.Empty<string>()]);
        return decoder;
    }
}
