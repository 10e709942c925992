using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Cli.Runs;
using LipSol.Cli.Terminals;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Models;

/// <summary><c>evaluate</c>: a version on a corpus' test split, alone or against another.</summary>
internal static class EvaluateCommand
{
    private const int WorstShown = 10;

    private static readonly Option<string> Model = new("--model") { Description = "The version; without @, the one in production.", HelpName = ModelArgument.Form, Required = true };
    private static readonly Option<string?> Against = new("--against") { Description = "Another version, read on the same clips: the difference comes with its interval (paired bootstrap).", HelpName = ModelArgument.Form };
    private static readonly Option<int?> Version = new("--version-number") { Description = "The version, as behind the @ of --model.", HelpName = "N" };
    private static readonly Option<string> Corpus = new("--corpus") { Description = "The corpus.", Required = true };
    private static readonly Option<string?> Decoder = DecoderOption.Create(all: true);
    private static readonly Option<string?> Strips = new("--strips") { Description = "Write the mouth strips of the worst clips into this folder.", HelpName = "DIR" };

    public static Command Create() =>
        new CliCommand("evaluate", "Read every test clip of a corpus with a model: word accuracy, WER and CER, overall, by speaker, seen and unseen, with 95 % intervals; alone, or against another version.",
                "lipsol evaluate --model urdu-words --corpus urdu-demo", "lipsol evaluate --model urdu-words@candidate --against urdu-words --corpus urdu-demo --strips worst/",
                "lipsol evaluate --model urdu-sentences --corpus urdu-sentences --decoder all")
            .With(Model, Against, Version, Corpus, Decoder, Strips)
            .Does(async call =>
            {
                var model = ModelArgument.Parse(call.Value(Model)!);
                if (call.Value(Version) is { } number)
                {
                    if (call.Value(Model)!.Contains('@', StringComparison.Ordinal)) throw new BadInputException("Give the version once: behind the @ of --model, or as --version-number.");
                    model = new ModelReference(model.Model, number, null);
                }
                var other = call.Value(Against) is { } against ? ModelArgument.Parse(against) : null;
                if (other is not null && call.Value(Decoder) == Evaluate.AllDecoders) throw new BadInputException("Two versions are compared with one decoder: name it, or leave --decoder out for the default of each.");
                await using var node = await NodeSession.OpenAsync(call);
                var version = await node.Client.Models.ResolveAsync(model, call.Cancelled);
                if (other is null) await AloneAsync(call, node.Client, version);
                else await AgainstAsync(call, node.Client, version, await node.Client.Models.ResolveAsync(other, call.Cancelled));
                return ExitStatus.Done;
            });

    private static async Task AloneAsync(Invocation call, LipSolClient client, ModelVersion version)
    {
        ModelEvaluation evaluation;
        using (Waiting.For(call, $"reading the test clips of {call.Value(Corpus)}"))
            evaluation = await client.Models.EvaluateAsync(version.Model, call.Value(Corpus)!, version.Version, call.Value(Decoder), call.Cancelled);
        await WriteStripsAsync(call, client, evaluation.Worst.Select(s => (s.Id, s.Expected, s.Text)));
        if (call.Terminal.Json)
        {
            call.Terminal.Document(evaluation);
            return;
        }
        call.Terminal.Line($"{evaluation.Model} version {evaluation.Version} on {evaluation.Corpus} (data {evaluation.DataHash}), test split{(evaluation.Decoder is { } decoder ? $", decoder {decoder}" : "")}");
        call.Terminal.Table(Figures.Table(evaluation.Figures));
        if (evaluation.Decoders.Count > 0) call.Terminal.Table(DecoderTable.Of(evaluation));
        if (evaluation.Worst.Count == 0) return;
        var table = new Table().Border(TableBorder.Simple).Title("worst clips").AddColumns("sample", "speaker", "said", "read", "confidence");
        foreach (var s in evaluation.Worst.Take(WorstShown)) table.AddRow([s.Id.EscapeMarkup(), Speaker(s.Speaker, s.Seen), s.Expected.EscapeMarkup(), s.Text.EscapeMarkup(), Percent(s.Confidence)]);
        call.Terminal.Table(table);
    }

    private static async Task AgainstAsync(Invocation call, LipSolClient client, ModelVersion version, ModelVersion other)
    {
        ModelComparison comparison;
        using (Waiting.For(call, $"reading the test clips of {call.Value(Corpus)} twice"))
            comparison = await client.Models.CompareAsync(new VersionName(version.Model, version.Version), new VersionName(other.Model, other.Version), call.Value(Corpus)!, call.Value(Decoder), call.Cancelled);
        await WriteStripsAsync(call, client, comparison.Worst.Select(s => (s.Id, s.Expected, s.Text)));
        if (call.Terminal.Json)
        {
            call.Terminal.Document(comparison);
            return;
        }
        var (ours, theirs) = (Name(comparison.Candidate), Name(comparison.Against));
        call.Terminal.Line($"{ours} (run {comparison.Candidate.RunId}) against {theirs} (run {comparison.Against.RunId}) on {comparison.Corpus} (data {comparison.DataHash}), the same test clips");
        call.Terminal.Table(ComparisonTable.Of(comparison.Figures, ours, theirs));
        if (comparison.Worst.Count == 0) return;
        var table = new Table().Border(TableBorder.Simple).Title("worst clips").AddColumns("sample", "speaker", "said", ours.EscapeMarkup(), theirs.EscapeMarkup());
        foreach (var s in comparison.Worst.Take(WorstShown))
            table.AddRow([s.Id.EscapeMarkup(), Speaker(s.Speaker, s.Seen), s.Expected.EscapeMarkup(), $"{s.Text.EscapeMarkup()} {Percent(s.Confidence)}", $"{s.OtherText.EscapeMarkup()} {Percent(s.OtherConfidence)}"]);
        call.Terminal.Table(table);
    }

    private static async Task WriteStripsAsync(Invocation call, LipSolClient client, IEnumerable<(string Id, string Expected, string Text)> worst)
    {
        if (call.Value(Strips) is not { } folder) return;
        Directory.CreateDirectory(folder);
        var place = 0;
        foreach (var (id, _, _) in worst)
        {
            var png = await client.Corpora.GetStripAsync(call.Value(Corpus)!, id, cancellationToken: call.Cancelled);
            var name = string.Concat(id.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'));
            await File.WriteAllBytesAsync(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{++place:00}-{name}.png")), png, call.Cancelled);
        }
        call.Terminal.Note(place == 0 ? "No clip was read wrongly: there are no strips to write." : $"{place} mouth strips of the worst clips are in {folder}.");
    }

    private static string Name(ComparedVersion version) => $"{version.Model}@{version.Version}";

    private static string Speaker(string speaker, bool seen) => $"{speaker.EscapeMarkup()} ({(seen ? "seen" : "unseen")})";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %");
}
