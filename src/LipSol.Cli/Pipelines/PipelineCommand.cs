using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;

namespace LipSol.Cli.Pipelines;

/// <summary><c>pipeline</c>: what is done every day by itself.</summary>
internal static class PipelineCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "The pipeline's file (YAML).", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => null };
        return new CliCommand("pipeline", "Register a pipeline and say when it runs next: steps that depend on each other, from new recordings to a model in production. Registering a file that was edited changes the next run.",
                "lipsol pipeline docs/examples/daily-digits.yaml", "lipsol pipeline show daily-digits", "lipsol pipeline run daily-digits --follow")
            .With(file, List(), Show(), History(), RunCommands.Run(), RunCommands.Backfill(), RunCommands.Cancel(), RunCommands.Resume(), Pause(), Delete())
            .Does(async call =>
            {
                var path = call.Value(file) ?? throw new BadInputException("Name the pipeline's file, as `lipsol pipeline daily.yaml`, or a command: `lipsol pipeline --help` lists them.");
                if (!File.Exists(path)) throw new BadInputException($"There is no file {path}.");
                await using var node = await NodeSession.OpenAsync(call);
                var pipeline = await RegisterAsync(node, path, call.Cancelled);
                if (call.Terminal.Json) call.Terminal.Document(pipeline);
                else
                {
                    call.Terminal.Line($"{pipeline.Name} is registered (definition {pipeline.DefinitionVersion}); {PipelineViews.Next(pipeline)}.");
                    if (pipeline.Running is { } running) call.Terminal.Line($"Run {running} is under way and keeps the definition that it began with.");
                    if (node.Started) call.Terminal.Note("The node that was started for this command ends with it: pipelines run on a node that stays up (`lipsol up`).");
                }
                return ExitStatus.Done;
            });
    }

    public static Argument<string> Name() => new("NAME") { Description = "The pipeline." };

    private static async Task<Pipeline> RegisterAsync(NodeSession node, string path, CancellationToken cancelled)
    {
        try
        {
            return await node.Client.Pipelines.RegisterAsync(await File.ReadAllTextAsync(path, cancelled), cancelled);
        }
        catch (LipSolRefusedException e) when (e.Reason == "bad-pipeline")
        {
            throw new BadInputException(string.Join('\n', e.Message.Split('\n').Select(line => $"{path}, {line}")));
        }
    }

    private static Command List() => new CliCommand("list", "All pipelines: when each runs next, and what came out of its last run.", "lipsol pipeline list", "lipsol pipeline list --json").Does(async call =>
    {
        await using var node = await NodeSession.OpenAsync(call);
        var all = await node.Client.Pipelines.ListAsync(call.Cancelled);
        if (call.Terminal.Json) call.Terminal.Document(all);
        else if (all.Count == 0) call.Terminal.Line("There is no pipeline yet. `lipsol pipeline FILE` registers one.");
        else call.Terminal.Table(PipelineViews.Of(all));
        return ExitStatus.Done;
    });

    private static Command Show()
    {
        var name = Name();
        var number = new Option<int?>("--run") { Description = "This run [default: the one under way, else the last].", HelpName = "N" };
        var svg = new Option<string?>("--svg") { Description = "Write the picture to this file.", HelpName = "FILE" };
        var definition = new Option<bool>("--definition") { Description = "The file as it was registered, and nothing else." };
        return new CliCommand("show", "A pipeline's steps, drawn: where each is, and why it was done, taken from an earlier run, or not needed.", "lipsol pipeline show daily-digits", "lipsol pipeline show daily-digits --run 12 --svg run-12.svg", "lipsol pipeline show daily-digits --definition")
            .With(name, number, svg, definition)
            .Does(async call =>
            {
                await using var node = await NodeSession.OpenAsync(call);
                var pipeline = await node.Client.Pipelines.GetAsync(call.Value(name), call.Cancelled);
                if (call.Value(definition))
                {
                    if (call.Terminal.Json) call.Terminal.Document(pipeline);
                    else call.Terminal.Line(pipeline.Definition.TrimEnd());
                    return ExitStatus.Done;
                }
                var which = call.Value(number) ?? pipeline.Running ?? pipeline.LastNumber;
                var run = which > 0 ? await node.Client.Pipelines.GetRunAsync(pipeline.Name, which, call.Cancelled) : null;
                var picture = run?.Picture ?? pipeline.Picture;
                if (call.Value(svg) is { } file) await File.WriteAllTextAsync(file, picture.Svg, call.Cancelled);
                if (call.Terminal.Json) call.Terminal.Document(run is null ? pipeline : run);
                else
                {
                    call.Terminal.Line(run is null ? $"{pipeline.Name}: no run yet; {PipelineViews.Next(pipeline)}" : PipelineViews.Heading(run));
                    call.Terminal.Line();
                    call.Terminal.Line(picture.Text.TrimEnd());
                    if (run is not null) PipelineViews.WriteFooter(call.Terminal, pipeline, run);
                    if (call.Value(svg) is { } written) call.Terminal.Note($"The picture is in {written}.");
                }
                return ExitStatus.Done;
            });
    }

    private static Command History()
    {
        var name = Name();
        var take = new Option<int>("--take") { Description = "How many entries.", DefaultValueFactory = _ => 30, HelpName = "N" };
        var skip = new Option<int>("--skip") { Description = "How many of the newest to leave out.", DefaultValueFactory = _ => 0, HelpName = "N" };
        return new CliCommand("history", "What happened, newest first: runs, how long they took and what came out; times at which there was none, with the reason.", "lipsol pipeline history daily-digits", "lipsol pipeline history daily-digits --take 100 --json")
            .With(name, take, skip)
            .Does(async call =>
            {
                await using var node = await NodeSession.OpenAsync(call);
                var history = await node.Client.Pipelines.GetHistoryAsync(call.Value(name), call.Value(skip), call.Value(take), call.Cancelled);
                if (call.Terminal.Json) call.Terminal.Document(history);
                else if (history.Total == 0) call.Terminal.Line("No run yet.");
                else call.Terminal.Table(PipelineViews.Of(history));
                return ExitStatus.Done;
            });
    }

    private static Command Pause()
    {
        var name = Name();
        return new CliCommand("pause", "The schedule begins no run until `lipsol pipeline resume`. A run that is under way goes on; runs by hand can be begun.", "lipsol pipeline pause daily-digits").With(name).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var pipeline = await node.Client.Pipelines.PauseAsync(call.Value(name), call.Cancelled);
            if (call.Terminal.Json) call.Terminal.Document(pipeline);
            else call.Terminal.Line($"{pipeline.Name} is paused. `lipsol pipeline resume {pipeline.Name}` lets its schedule hold again.");
            return ExitStatus.Done;
        });
    }

    private static Command Delete()
    {
        var name = Name();
        var yes = Confirmation.Yes();
        return new CliCommand("delete", "Take a pipeline away. What its runs made stays: corpora, runs, versions.", "lipsol pipeline delete daily-digits", "lipsol pipeline delete daily-digits --yes").With(name, yes).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var pipeline = await node.Client.Pipelines.GetAsync(call.Value(name), call.Cancelled);
            Confirmation.Require(call, yes, $"Delete the pipeline {pipeline.Name}, its schedule and what its steps remember?");
            await node.Client.Pipelines.DeleteAsync(call.Value(name), call.Cancelled);
            if (call.Terminal.Json) call.Terminal.Document(new { pipeline = call.Value(name), deleted = true });
            else call.Terminal.Line($"{call.Value(name)} is deleted.");
            return ExitStatus.Done;
        });
    }
}
