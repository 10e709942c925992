using LipSol.Cli.Models;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Tests.Models;

public sealed class DecoderTableTests
{
    [Fact]
    public void Each_decoder_has_a_row_with_its_intervals_n_and_distance()
    {
        var text = Text(DecoderTable.Of(new ModelEvaluation
        {
            Model = "m",
            Version = 1,
            Corpus = "c",
            DataHash = "d",
            Decoder = "beam",
            Samples = [],
            Figures = new Dictionary<string, Estimate> { ["wer"] = new(0.1, 0, 1, 100), ["wer.unseen"] = new(0.042, 0.019, 0.069, 60), ["cer.unseen"] = new(0.023, 0.01, 0.038, 60) },
            Decoders =
            [
                new DecoderEvaluation
                {
                    Decoder = "greedy",
                    Samples = [],
                    Figures = new Dictionary<string, Estimate> { ["wer.unseen"] = new(0.094, 0.061, 0.128, 60), ["cer.unseen"] = new(0.039, 0.024, 0.055, 60) },
                    Differences = new Dictionary<string, Estimate> { ["wer"] = new(0.053, -0.001, 0.078, 60) },
                    WordReliability = new Reliability(0.049, []),
                },
                new DecoderEvaluation { Decoder = "beam", Samples = [], Figures = new Dictionary<string, Estimate> { ["wer.unseen"] = new(0.042, 0.019, 0.069, 60) } },
            ],
        }));
        Assert.Contains("WER against beam", text);
        Assert.DoesNotContain("WER, seen", text); // nobody was
        var greedy = text.Split('\n').Single(l => l.Contains("greedy", StringComparison.Ordinal));
        Assert.Contains("9.4 % [6.1, 12.8], n = 60", greedy);
        Assert.Contains("3.9 % [2.4, 5.5], n = 60", greedy);
        Assert.Contains("+5.3 [-0.1, +7.8] points", greedy);
        Assert.Contains("4.9 %", greedy);
        Assert.Contains("4.2 % [1.9, 6.9], n = 60", text);
    }

    private static string Text(Table table)
    {
        var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = 240;
        console.Write(table);
        return writer.ToString();
    }
}
