using System.Xml.Linq;
using LipSol.Client;
using Microsoft.DotNet.Interactive.Formatting;

namespace LipSol.Notebooks.Tests;

internal static class Samples
{
    /// <summary>A PNG's first bytes for a strip of <paramref name="frames"/> frames: all that is read of it here.</summary>
    public static byte[] Strip(int frames)
    {
        byte[] png = [0x89, .. "PNG\r\n\u001a\n"u8, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 0, 0, 0, 0, 0, 96, 8, 0, 0, 0, 0];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), frames * 96);
        return png;
    }

    public static Run Run(string id, double? val = null, RunStatus status = RunStatus.Completed, string name = "a run") => new()
    {
        Id = id,
        Name = name,
        Experiment = "e",
        Network = "word-tcn",
        Corpus = "c",
        DataHash = "0123456789abcdef",
        Parameters = new Dictionary<string, string> { ["epochs"] = "5", ["learning_rate"] = id },
        Seed = 1,
        Status = status,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Metrics = val is { } best ? new Dictionary<string, MetricSummary> { ["val_accuracy"] = new(best - 0.1, 9, 0, best) } : new Dictionary<string, MetricSummary>(),
        Figures = new Dictionary<string, Estimate> { ["word_accuracy"] = new(0.9, 0.85, 0.94, 100) },
    };

    public static Transcription Reading(string text, params string[] lookAlike) => new()
    {
        Id = "t",
        Text = text,
        Confidence = 0.875,
        Words = [new(text, 0.1, 0.6, 0.875)],
        Alternatives = [new(text, 0.875), new("دو", 0.1)],
        LookAlike = lookAlike,
        Provenance = new Provenance
        {
            Model = "m",
            Version = 3,
            RunId = "run-1",
            DataHash = "0123456789abcdef",
            Synthetic = true,
            Device = "cpu",
            Node = "n",
            Frames = 25,
            FramesTracked = 1,
            Milliseconds = new Dictionary<string, double> { ["total"] = 9.6 },
        },
    };

    /// <summary>What a notebook shows for <paramref name="value"/>, which must be well formed and fetch nothing.</summary>
    public static string Shown(object value)
    {
        NotebookFormatters.Register();
        var html = value.ToDisplayString("text/html");
        // Outputs are written so that they are XML as well, once void elements and entities are set aside.
        XDocument.Parse(html.Replace("<br>", "<br/>", StringComparison.Ordinal).Replace("&#39;", "'", StringComparison.Ordinal));
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotMatch("(src|href)=[\"'](?!data:)|url\\((?!data:)", html);
        return html;
    }
}
