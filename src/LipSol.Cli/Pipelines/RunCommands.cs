using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;

namespace LipSol.Cli.Pipelines;

/// <summary><c>pipeline run</c>, <c>backfill</c>, <c>cancel</c>, <c>resume</c>.</summary>
internal static class RunCommands
{
    public static Command Run()
    {
        var name = PipelineCommand.Name();
        var follow = Follow();
        return new CliCommand("run", "Begin a run now.", "lipsol pipeline run daily-digits", "lipsol pipeline run daily-digits --follow --json").With(name, follow).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var run = await node.Client.Pipelines.StartAsync(call.Value(name), Guid.NewGuid().ToString("N"), call.Cancelled);
            return await TellAsync(call, node, run, call.Value(follow));
        });
    }

    public static Command Backfill()
    {
        var name = PipelineCommand.Name();
        var from = new Option<string>("--from") { Description = "The first day, as 2026-11-01.", Required = true, HelpName = "DAY" };
        var to = new Option<string?>("--to") { Description = "The last day [default: the first].", HelpName = "DAY" };
        return new CliCommand("backfill", "Begin a run for each time that the schedule had on these days, one after another. ${day} in a step's settings is that day.", "lipsol pipeline backfill daily-digits --from 2026-11-01 --to 2026-11-07")
            .With(name, from, to)
            .Does(async call =>
            {
                var first = Day("--from", call.Value(from)!);
                await using var node = await NodeSession.OpenAsync(call);
                var numbers = await node.Client.Pipelines.BackfillAsync(call.Value(name), first, call.Value(to) is { } last ? Day("--to", last) : first, Guid.NewGuid().ToString("N"), call.Cancelled);
                if (call.Terminal.Json) call.Terminal.Document(new { pipeline = call.Value(name), runs = numbers });
                else call.Terminal.Line($"{(numbers.Count == 1 ? $"Run {numbers[0]} is" : $"Runs {numbers[0]} to {numbers[^1]} are")} queued. `lipsol pipeline history {call.Value(name)}` shows what becomes of {(numbers.Count == 1 ? "it" : "them")}.");
                return ExitStatus.Done;
            });
    }

    public static Command Cancel()
    {
        var name = PipelineCommand.Name();
        var number = new Option<int>("--run") { Description = "This run [default: the one under way].", HelpName = "N" };
        var reason = new Option<string?>("--reason") { Description = "Why, for the record." };
        return new CliCommand("cancel", "Cancel a run. A promotion that has begun is let end.", "lipsol pipeline cancel daily-digits", "lipsol pipeline cancel daily-digits --run 13 --reason \"wrong folder\"").With(name, number, reason).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var pipeline = await node.Client.Pipelines.CancelAsync(call.Value(name), call.Value(number), call.Value(reason), call.Cancelled);
            if (call.Terminal.Json) call.Terminal.Document(pipeline);
            else call.Terminal.Line(pipeline.Running is { } still ? $"Run {still} of {pipeline.Name} is being cancelled." : "Cancelled.");
            return ExitStatus.Done;
        });
    }

    public static Command Resume()
    {
        var name = PipelineCommand.Name();
        var number = new Option<int?>("--run") { Description = "Go on with this run, which failed or was cancelled: what is done stays.", HelpName = "N" };
        var follow = Follow();
        return new CliCommand("resume", "Let the schedule of a paused pipeline hold again; with --run, go on with a run that failed.", "lipsol pipeline resume daily-digits", "lipsol pipeline resume daily-digits --run 12 --follow").With(name, number, follow).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            if (call.Value(number) is { } which) return await TellAsync(call, node, await node.Client.Pipelines.ResumeRunAsync(call.Value(name), which, call.Cancelled), call.Value(follow));
            var pipeline = await node.Client.Pipelines.ResumeAsync(call.Value(name), call.Cancelled);
            if (call.Terminal.Json) call.Terminal.Document(pipeline);
            else call.Terminal.Line($"{pipeline.Name} runs by its schedule again; {PipelineViews.Next(pipeline)}.");
            return ExitStatus.Done;
        });
    }

    // A node that was started for the command ends with it: then the run is followed, or nothing would come of it.
    private static async Task<int> TellAsync(Invocation call, NodeSession node, PipelineRun run, bool follow)
    {
        if (!follow && !node.Started)
        {
            if (call.Terminal.Json) call.Terminal.Document(run);
            else call.Terminal.Line($"Run {run.Number} of {run.Pipeline} {(run.Status == PipelineRunStatus.Waiting ? "waits for the one before" : "has begun")}. `lipsol pipeline show {run.Pipeline} --run {run.Number}` shows where it is.");
            return ExitStatus.Done;
        }
        var told = new Dictionary<string, string>();
        await foreach (var now in node.Client.Pipelines.FollowAsync(run.Pipeline, run.Number, call.Cancelled))
        {
            run = now;
            foreach (var step in run.Steps)
            {
                var line = $"{PipelineViews.Word(step.Status)}{(step.Failure is { } failure && step.Status is PipelineStepStatus.Failed or PipelineStepStatus.Retrying ? $": {step.Failure}" : step.Left.GetValueOrDefault("note") is { } note ? $": {note}" : "")}";
                if (step.Status is PipelineStepStatus.Waiting or PipelineStepStatus.Planning || told.GetValueOrDefault(step.Name) == line) continue;
                told[step.Name] = line;
                call.Terminal.Note($"{step.Name}  {line}");
            }
        }
        if (call.Terminal.Json) call.Terminal.Document(run);
        else
        {
            call.Terminal.Line(PipelineViews.Heading(run));
            call.Terminal.Line();
            call.Terminal.Line(run.Picture.Text.TrimEnd());
        }
        return run.Status == PipelineRunStatus.Succeeded ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static Option<bool> Follow() => new("--follow") { Description = "Wait for its end, and tell what happens until then." };

    private static DateOnly Day(string option, string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw new BadInputException($"{option} is \"{text}\": give a day as 2026-11-01.");
}
