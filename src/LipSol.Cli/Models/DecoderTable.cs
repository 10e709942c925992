using System.Globalization;
using LipSol.Cli.Runs;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Models;

/// <summary>What each decoder made of the same clips.</summary>
internal static class DecoderTable
{
    private static readonly (string Figure, string Title)[] Columns = [("wer.seen", "WER, seen"), ("wer.unseen", "WER, unseen"), ("cer.seen", "CER, seen"), ("cer.unseen", "CER, unseen")];

    /// <summary>A row a decoder: WER and CER of speakers seen and unseen with interval and n, and how far the WER is from the default's, clip by clip.</summary>
    public static Table Of(ReadEvaluation evaluation)
    {
        var columns = Columns.Where(c => evaluation.Figures.ContainsKey(c.Figure)).ToArray();
        var table = new Table().Border(TableBorder.Simple).Title("decoders, the same clips").AddColumn("decoder");
        foreach (var (_, title) in columns) table.AddColumn(title);
        table.AddColumn($"WER against {evaluation.Decoder}".EscapeMarkup()).AddColumn("calibration error of words");
        foreach (var decoder in evaluation.Decoders)
        {
            table.AddRow([decoder.Decoder.EscapeMarkup(), .. columns.Select(c => decoder.Figures.TryGetValue(c.Figure, out var figure) ? Figures.Text(figure).EscapeMarkup() : ""),
                decoder.Differences.TryGetValue("wer", out var difference) ? Points(difference).EscapeMarkup() : "", decoder.WordReliability is { } words ? string.Create(CultureInfo.InvariantCulture, $"{100 * words.ExpectedError:0.0} %") : ""]);
        }
        return table;
    }

    private static string Points(Estimate difference) => string.Create(CultureInfo.InvariantCulture, $"{100 * difference.Value:+0.0;-0.0;0.0} [{100 * difference.Low:+0.0;-0.0;0.0}, {100 * difference.High:+0.0;-0.0;0.0}] points");
}
