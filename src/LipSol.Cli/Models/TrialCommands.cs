using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;

namespace LipSol.Cli.Models;

/// <summary><c>models canary</c>, <c>models shadow</c>, <c>models traffic</c>: a version beside the one in production.</summary>
internal static class TrialCommands
{
    public static Command Canary()
    {
        var name = Model();
        var version = VersionArgument();
        var share = new Option<double>("--share") { Description = "The share of requests that it answers, above 0 and at most 1.", DefaultValueFactory = _ => 0.1 };
        var sticky = new Option<bool>("--sticky") { Description = "A caller (X-Caller, else the token) always gets the same version; without it, each request draws anew." };
        var (stop, reason) = StopOptions();
        return new CliCommand("canary", "Have a version answer a share of the requests. What it fails on, the one in production answers. `models promote` and `models rollback` end it too.",
                "lipsol models canary urdu-words 3 --share 0.1", "lipsol models canary urdu-words 3 --share 0.1 --sticky", "lipsol models canary urdu-words --stop")
            .With(name, version, share, sticky, stop, reason)
            .Does(async call =>
            {
                Check(call, version, stop);
                if (call.Value(share) is not (> 0 and <= 1)) throw new BadInputException(FormattableString.Invariant($"--share is {call.Value(share)}: give a number above 0 and at most 1, as 0.1."));
                await using var node = await NodeSession.OpenAsync(call);
                return ModelsCommand.Tell(call, call.Value(stop) ? await node.Client.Models.StopTrialAsync(call.Value(name), call.Value(reason), call.Cancelled)
                    : await node.Client.Models.StartCanaryAsync(call.Value(name), new StartCanary(call.Value(version)!.Value, call.Value(share), call.Value(sticky)), call.Cancelled));
            });
    }

    public static Command Shadow()
    {
        var name = Model();
        var version = VersionArgument();
        var (stop, reason) = StopOptions();
        return new CliCommand("shadow", "Have a version read what production answers. Its answers are recorded and never returned; no caller waits for it.",
                "lipsol models shadow urdu-words 3", "lipsol models shadow urdu-words --stop")
            .With(name, version, stop, reason)
            .Does(async call =>
            {
                Check(call, version, stop);
                await using var node = await NodeSession.OpenAsync(call);
                return ModelsCommand.Tell(call, call.Value(stop) ? await node.Client.Models.StopTrialAsync(call.Value(name), call.Value(reason), call.Cancelled)
                    : await node.Client.Models.StartShadowAsync(call.Value(name), call.Value(version)!.Value, call.Cancelled));
            });
    }

    public static Command Traffic()
    {
        var name = Model();
        return new CliCommand("traffic", "What the version in production, and the one on trial, did with the requests, side by side: counts, errors, agreement, latencies, confidence.", "lipsol models traffic urdu-words", "lipsol models traffic urdu-words --json")
            .With(name)
            .Does(async call =>
            {
                await using var node = await NodeSession.OpenAsync(call);
                var traffic = await node.Client.Models.GetTrafficAsync(call.Value(name), call.Cancelled);
                if (call.Terminal.Json) call.Terminal.Document(traffic);
                else TrafficTable.Write(call.Terminal, traffic);
                return ExitStatus.Done;
            });
    }

    public static Command History()
    {
        var name = Model();
        var take = new Option<int>("--take") { Description = "How many entries.", DefaultValueFactory = _ => 50, HelpName = "N" };
        var skip = new Option<int>("--skip") { Description = "How many of the newest to leave out.", DefaultValueFactory = _ => 0, HelpName = "N" };
        return new CliCommand("history", "The audit trail: who promoted, rolled back, tried, aliased or deleted what, when, on which evidence. Newest first.", "lipsol models history urdu-words", "lipsol models history urdu-words --take 400 --json")
            .With(name, take, skip)
            .Does(async call =>
            {
                await using var node = await NodeSession.OpenAsync(call);
                var history = await node.Client.Models.GetHistoryAsync(call.Value(name), call.Value(skip), call.Value(take), call.Cancelled);
                if (call.Terminal.Json)
                {
                    call.Terminal.Document(history);
                    return ExitStatus.Done;
                }
                foreach (var entry in history.Entries) call.Terminal.Line(FormattableString.Invariant($"{entry.Time.ToLocalTime():yyyy-MM-dd HH:mm:ss}  {entry.By ?? "?"}  {ModelsCommand.Text(entry)}"));
                if (history.Entries.Count < history.Total) call.Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{history.Entries.Count} of {history.Total} entries; --skip and --take show others."));
                return ExitStatus.Done;
            });
    }

    public static Command Delete()
    {
        var name = Model();
        var version = new Option<int?>("--version-number") { Description = "This version alone.", HelpName = "N" };
        var yes = Confirmation.Yes();
        return new CliCommand("delete", "Delete a version that is neither in production nor on trial, or the whole model. Asks. Requests under way are answered; runs, artifacts and the audit trail stay.",
                "lipsol models delete urdu-words --version-number 2", "lipsol models delete urdu-words --yes")
            .With(name, version, yes)
            .Does(async call =>
            {
                await using var node = await NodeSession.OpenAsync(call);
                var model = await node.Client.Models.GetAsync(call.Value(name), call.Cancelled);
                Confirmation.Require(call, yes, call.Value(version) is { } one ? $"Delete version {one} of {model.Name}?" : $"Delete the model {model.Name}, {Versions(model.Versions.Count)}{(model.Aliases.ContainsKey("production") ? ", one of them in production" : "")}?");
                await node.Client.Models.DeleteAsync(call.Value(name), call.Value(version), call.Cancelled);
                var what = call.Value(version) is { } number ? $"Version {number} of {call.Value(name)}" : $"Model {call.Value(name)}";
                if (call.Terminal.Json) call.Terminal.Document(new { model = call.Value(name), version = call.Value(version), deleted = true });
                else call.Terminal.Line($"{what} is deleted.");
                return ExitStatus.Done;
            });
    }

    private static void Check(Invocation call, Argument<int?> version, Option<bool> stop)
    {
        if (call.Value(version) is null != call.Value(stop)) throw new BadInputException("Say which version to try, as `lipsol models canary urdu-words 3`, or --stop.");
    }

    private static string Versions(int count) => count == 1 ? "its one version" : FormattableString.Invariant($"all {count} versions");

    private static Argument<string> Model() => new("MODEL") { Description = "The model." };

    private static Argument<int?> VersionArgument() => new("VERSION") { Description = "The version to try.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => null };

    private static (Option<bool> Stop, Option<string?> Reason) StopOptions() =>
        (new("--stop") { Description = "End it: production answers everything." }, new("--reason") { Description = "Why it's ended, for the record." });
}
