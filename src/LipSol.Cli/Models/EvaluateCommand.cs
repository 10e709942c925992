using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Cli.Runs;

namespace LipSol.Cli.Models;

/// <summary><c>evaluate</c>: a model on a corpus' test split.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Description = "The model.", Required = true };
        var version = new Option<int?>("--version-number") { Description = "The version [default: the one in production].", HelpName = "N" };
        var corpus = new Option<string>("--corpus") { Description = "The corpus.", Required = true };
        return new CliCommand("evaluate", "Read every test clip of a corpus with a model: word accuracy, WER and CER, overall, by speaker, seen and unseen, with 95 % intervals.",
                "lipsol evaluate --model urdu-words --corpus urdu-demo")
            .With(model, version, corpus)
            .Does(async call =>
            {
                await using var node = await NodeSession.OpenAsync(call);
                var evaluation = await node.Client.Models.EvaluateAsync(call.Value(model)!, call.Value(corpus)!, call.Value(version), call.Cancelled);
                if (call.Terminal.Json)
                {
                    call.Terminal.Document(evaluation);
                    return ExitStatus.Done;
                }
                call.Terminal.Line($"{evaluation.Model} version {evaluation.Version} on {evaluation.Corpus} (data {evaluation.DataHash}), test split");
                call.Terminal.Table(Figures.Table(evaluation.Figures));
                return ExitStatus.Done;
            });
    }
}
