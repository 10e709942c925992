using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Cli.Runs;
using LipSol.Client;
using Spectre.Console;

namespace LipSol.Cli.Models;

/// <summary><c>models</c>: versions, aliases, promotion.</summary>
internal static class ModelsCommand
{
    public static Command Create() =>
        new CliCommand("models", "Models: versions, what is in production, promotion and the way back, versions on trial, the audit trail, files to carry them elsewhere.", "lipsol models list", "lipsol models promote urdu-words --run RUN", "lipsol models export urdu-words --out urdu-words.lipsol.zip")
            .With(List(), Show(), Promote(), Rollback(), TrialCommands.Canary(), TrialCommands.Shadow(), TrialCommands.Traffic(), TrialCommands.History(), TrialCommands.Delete(), BundleCommands.Export(), BundleCommands.Import(), SaliencyCommand.Create());

    private static Command List() => new CliCommand("list", "All models.", "lipsol models list").Does(async call =>
    {
        await using var node = await NodeSession.OpenAsync(call);
        var models = await node.Client.Models.ListAsync(call.Cancelled);
        if (call.Terminal.Json)
        {
            call.Terminal.Document(models);
            return ExitStatus.Done;
        }
        if (models.Count == 0) call.Terminal.Line("No model yet. Train a run, then `lipsol models promote NAME --run RUN`.");
        var table = new Table().Border(TableBorder.Simple).AddColumns("model", "versions", "production", "on test, in production");
        foreach (var model in models)
        {
            var production = model.Aliases.TryGetValue("production", out var version) ? model.Versions.FirstOrDefault(v => v.Version == version) : null;
            table.AddRow(model.Name.EscapeMarkup(), model.Versions.Count.ToString(CultureInfo.InvariantCulture), production?.Version.ToString(CultureInfo.InvariantCulture) ?? "",
                (production is null ? "" : Figures.Headline(production.Figures)).EscapeMarkup());
        }
        if (models.Count > 0) call.Terminal.Table(table);
        return ExitStatus.Done;
    });

    private static Command Show()
    {
        var name = new Argument<string>("MODEL") { Description = "The model." };
        return new CliCommand("show", "A model's versions with their runs and figures, its aliases, and how its promotions were decided.", "lipsol models show urdu-words").With(name).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var model = await node.Client.Models.GetAsync(call.Value(name), call.Cancelled);
            if (call.Terminal.Json)
            {
                call.Terminal.Document(model);
                return ExitStatus.Done;
            }
            var table = new Table().Border(TableBorder.Simple).AddColumns("version", "alias", "run", "data", "on test", "created");
            foreach (var v in model.Versions)
            {
                table.AddRow(v.Version.ToString(CultureInfo.InvariantCulture), string.Join(", ", model.Aliases.Where(a => a.Value == v.Version).Select(a => a.Key)).EscapeMarkup(), v.RunId.EscapeMarkup(),
                    v.DataHash, Figures.Headline(v.Figures).EscapeMarkup(), v.CreatedAt.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
            }
            call.Terminal.Table(table);
            foreach (var (marked, marks) in model.Marks.OrderBy(m => m.Key))
                foreach (var mark in marks) call.Terminal.Line($"version {marked}: {mark}");
            if (model.Trial is { } trial) call.Terminal.Line($"beside production: {TrafficTable.InWords(trial)}");
            foreach (var decision in model.Promotions) call.Terminal.Line(Text(decision));
            return ExitStatus.Done;
        });
    }

    private static Command Promote()
    {
        var name = new Argument<string>("MODEL") { Description = "The model; made where it doesn't exist." };
        var run = new Option<string?>("--run") { Description = "The completed run whose model to register and promote." };
        var version = new Option<int?>("--version-number") { Description = "A version that is registered already, as the VERSION behind the name.", HelpName = "N" };
        var number = new Argument<int?>("VERSION") { Description = "A version that is registered already, e.g. the one on trial.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => null };
        var metric = new Option<string>("--metric") { Description = "The figure by which it's compared with the version in production: word_accuracy, sentence_accuracy, wer, cer, ger; also with .seen, .unseen, .speaker:NAME.", DefaultValueFactory = _ => "word_accuracy" };
        var threshold = new Option<string[]>("--threshold") { Description = "What that figure must reach (0.8 where no threshold is given), or METRIC=NUMBER for another figure; may be repeated.", HelpName = "NUMBER|METRIC=NUMBER" };
        var confidence = new Option<double>("--confidence") { Description = "Confidence that it beats the version in production.", DefaultValueFactory = _ => 0.95 };
        var key = new Option<string?>("--key") { Description = "Names this one promotion: asked for again under the same key, it's the same promotion and the same answer." };
        var note = new Option<string?>("--note") { Description = "Why, for the audit trail." };
        return new CliCommand("promote", "Judge a version by the gate and put it into production where it passes. A refusal is a normal answer (exit status 1) with its figures.",
                "lipsol models promote urdu-words --run RUN --threshold 0.9", "lipsol models promote urdu-words 3", "lipsol models promote urdu-words 3 --metric wer --threshold 0.3 --threshold word_accuracy.unseen=0.6 --confidence 0.99")
            .With(name, number, run, version, metric, threshold, confidence, key, note)
            .Does(async call =>
            {
                if (call.Value(number) is not null && call.Value(version) is not null) throw new BadInputException("Give the version once: behind the name, or as --version-number.");
                var registered = call.Value(number) ?? call.Value(version);
                if (call.Value(run) is null == registered is null) throw new BadInputException("Say what to promote: --run RUN, or a version: `lipsol models promote urdu-words 3`.");
                var (own, others) = Thresholds.Read(call.Value(threshold) ?? []);
                await using var node = await NodeSession.OpenAsync(call);
                var decision = await node.Client.Models.PromoteAsync(call.Value(name), new Promote
                {
                    RunId = call.Value(run),
                    Version = registered,
                    Metric = call.Value(metric)!,
                    Threshold = own,
                    Thresholds = others,
                    Confidence = call.Value(confidence),
                    Key = call.Value(key),
                    Note = call.Value(note),
                }, call.Cancelled);
                if (decision.Promoted && (await node.Client.Models.GetAsync(decision.Model, call.Cancelled)).Marks.GetValueOrDefault(decision.Version) is { } marks)
                    foreach (var mark in marks) call.Terminal.Note($"version {decision.Version}: {mark}");
                return Tell(call, decision);
            });
    }

    private static Command Rollback()
    {
        var name = new Argument<string>("MODEL") { Description = "The model." };
        var reason = new Option<string>("--reason") { Description = "Why, for the record.", DefaultValueFactory = _ => "rolled back on request" };
        return new CliCommand("rollback", "End a canary or a shadow where one runs; else put the version that was in production before back into production.", "lipsol models rollback urdu-words --reason \"misreads نہیں\"").With(name, reason).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            return Tell(call, await node.Client.Models.RollbackAsync(call.Value(name), call.Value(reason)!, call.Cancelled));
        });
    }

    /// <summary>Tells a decision; its exit status.</summary>
    public static int Tell(Invocation call, PromotionDecision decision)
    {
        call.Terminal.Line(Text(decision));
        if (call.Terminal.Json) call.Terminal.Document(decision);
        return decision.Promoted ? ExitStatus.Done : ExitStatus.Failed;
    }

    /// <summary>A decision in one line, with its evidence.</summary>
    public static string Text(PromotionDecision decision)
    {
        var evidence = decision.Candidate is { } candidate ? $" ({decision.Metric}: {Figures.Text(candidate)}{(decision.Production is { } production ? $"; in production {Figures.Text(production)}" : "")})" : "";
        var note = decision.Note is { } said ? $" [{said}]" : "";
        var traffic = decision.Traffic is { Candidate: not null } figures ? " " + TrafficTable.InWords(figures) : "";
        return $"{decision.Model} version {decision.Version} {Verb(decision)}: {decision.Reason}{evidence}{traffic}{note}";
    }

    private static string Verb(PromotionDecision decision) => decision switch
    {
        { Promoted: false, Kind: not ("alias" or "delete") } => "refused",
        { Kind: "canary" } => "on trial",
        { Kind: "shadow" } => "reads along",
        { Kind: "stop" } => "stays",
        { Kind: "alias" } => "named",
        { Kind: "delete" } => "deleted",
        _ => "promoted",
    };
}
