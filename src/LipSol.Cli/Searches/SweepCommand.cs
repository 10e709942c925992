using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;
using LipSol.Notebooks;
using LipSol.Search;

namespace LipSol.Cli.Searches;

/// <summary><c>sweep</c>: searches for the best parameters.</summary>
internal static class SweepCommand
{
    private const string OnCtrlC = "paused with Ctrl-C";

    public static Command Create()
    {
        var file = new Argument<string?>("FILE") { Description = "The definition (YAML): what is searched over, how, and what counts. docs/searches.md explains it by example.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => null };
        var watch = new Option<bool>("--watch") { Description = "Stay and show the trials until the search is over; it goes on without, on a node that runs." };
        return new CliCommand("sweep", "Search for the best parameters: grid, random or TPE, several trials at once, poor ones stopped early. The search goes on at the node, whatever dies; the same command meets it again.",
                "lipsol sweep sweep.yaml --watch", "lipsol sweep show digit-rates", "lipsol sweep add digit-rates 20")
            .With(file, watch, List(), Show(), Pause(), Resume(), Add(), Stop())
            .Does(async call =>
            {
                var path = call.Value(file) ?? throw new BadInputException("Name the definition's file: lipsol sweep sweep.yaml. docs/searches.md has one to begin with.");
                var text = Read(path);
                await using var node = await NodeSession.OpenAsync(call);
                var search = await node.Client.Searches.StartAsync(text, call.Cancelled);
                if (search.Status == SearchStatus.Paused) search = await node.Client.Searches.ResumeAsync(search.Name, call.Cancelled);
                call.Terminal.Note($"search {search.Name}: {search.Method} over {string.Join(", ", search.Parameters)}; {search.Target} trials{(search.TrialCount > 0 ? $", {search.TrialCount} of them begun" : "")}; runs of the experiment \"{search.Name}\" on {search.Corpus} (data {search.DataHash})");
                // A node that was started for this command ends with it.
                if (!call.Value(watch) && !node.Started)
                {
                    if (call.Terminal.Json) call.Terminal.Document(search);
                    else call.Terminal.Line($"It goes on at the node: `lipsol sweep show {search.Name}` shows it, `lipsol sweep {path} --watch` stays with it.");
                    return ExitStatus.Done;
                }
                return await WatchAsync(call, node, search);
            });
    }

    private static async Task<int> WatchAsync(Invocation call, NodeSession node, ParameterSearch search)
    {
        try
        {
            search = await SearchWatch.RunAsync(call, node.Client, search);
        }
        catch (OperationCanceledException) when (call.Cancelled.IsCancellationRequested)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            if (node.Started)
            {
                search = await node.Client.Searches.PauseAsync(search.Name, OnCtrlC, patience.Token);
                call.Terminal.Note("paused: the trials that run write a checkpoint, and the same command goes on where they were");
            }
            else
            {
                search = await node.Client.Searches.GetAsync(search.Name, patience.Token);
                call.Terminal.Note($"The search goes on at the node: `lipsol sweep stop {search.Name}` ends it.");
            }
            if (call.Terminal.Json) call.Terminal.Document(search);
            return ExitStatus.Failed;
        }
        var analysis = await node.Client.Searches.AnalyseAsync(search.Name, call.Cancelled);
        if (call.Terminal.Json) call.Terminal.Document(new { search, analysis });
        else SearchTables.Print(call.Terminal, search, analysis);
        return search.Status == SearchStatus.Completed && search.Best > 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    // What is wrong is told before a node is started.
    private static string Read(string path)
    {
        if (!File.Exists(path)) throw new BadInputException($"There is no file {path}.");
        var text = File.ReadAllText(path);
        try
        {
            DefinitionReader.Read(text);
            return text;
        }
        catch (SearchDefinitionException e)
        {
            throw new BadInputException($"{path}, {e.Message}", e);
        }
    }

    private static Command List() => new CliCommand("list", "All searches, newest first.", "lipsol sweep list").Does(async call =>
    {
        await using var node = await NodeSession.OpenAsync(call);
        var searches = await node.Client.Searches.ListAsync(call.Cancelled);
        if (call.Terminal.Json) call.Terminal.Document(searches);
        else if (searches.Count == 0) call.Terminal.Line("No search yet. Start one with `lipsol sweep FILE`.");
        else call.Terminal.Table(SearchTables.Searches(searches));
        return ExitStatus.Done;
    });

    private static Command Show()
    {
        var name = Name();
        var take = new Option<int>("--take") { Description = "At most so many trials, the best first.", DefaultValueFactory = _ => 20 };
        var svg = new Option<string?>("--svg") { Description = "Write the picture (parallel coordinates) into this file.", HelpName = "FILE" };
        return new CliCommand("show", "One search: its trials, the best first, and how much each parameter mattered.", "lipsol sweep show digit-rates", "lipsol sweep show digit-rates --svg digits.svg").With(name, take, svg).Does(async call =>
        {
            if (call.Value(take) < 1) throw new BadInputException($"--take {call.Value(take)}: give 1 or more.");
            await using var node = await NodeSession.OpenAsync(call);
            var search = await node.Client.Searches.GetAsync(call.Value(name), call.Cancelled);
            var analysis = await node.Client.Searches.AnalyseAsync(search.Name, call.Cancelled);
            if (call.Terminal.Json) call.Terminal.Document(new { search, analysis });
            else SearchTables.Print(call.Terminal, search, analysis, call.Value(take));
            if (call.Value(svg) is { } file)
            {
                await File.WriteAllTextAsync(file, new ParallelCoordinates(search, analysis).ToSvg(), call.Cancelled);
                call.Terminal.Note($"The picture is {Path.GetFullPath(file)}.");
            }
            return ExitStatus.Done;
        });
    }

    private static Command Pause() => Acting("pause", "Begin no further trial; those that run go on.", "lipsol sweep pause digit-rates", (searches, name, call) => searches.PauseAsync(name, cancellationToken: call.Cancelled));

    private static Command Resume() => Acting("resume", "Go on: with a search that was paused, stopped, or gave up after failures.", "lipsol sweep resume digit-rates", (searches, name, call) => searches.ResumeAsync(name, call.Cancelled));

    private static Command Stop() => Acting("stop", "End a search and stop its trials.", "lipsol sweep stop digit-rates", (searches, name, call) => searches.StopAsync(name, cancellationToken: call.Cancelled));

    private static Command Add()
    {
        var count = new Argument<int>("COUNT") { Description = "How many." };
        return Acting("add", "More trials; a search that is completed goes on.", "lipsol sweep add digit-rates 20", (searches, name, call) => searches.AddTrialsAsync(name, call.Value(count), Guid.NewGuid().ToString("N"), call.Cancelled), count);
    }

    private static Command Acting(string verb, string description, string example, Func<SearchesClient, string, Invocation, Task<ParameterSearch>> act, params Symbol[] further)
    {
        var name = Name();
        return new CliCommand(verb, description, example).With([name, .. further]).Does(async call =>
        {
            await using var node = await NodeSession.OpenAsync(call);
            var search = await act(node.Client.Searches, call.Value(name), call);
            if (call.Terminal.Json) call.Terminal.Document(search);
            else call.Terminal.Line(SearchTables.Headline(search));
            if (node.Started && search.Status == SearchStatus.Running) call.Terminal.Note("It goes on while a node runs: `lipsol up` starts one.");
            return ExitStatus.Done;
        });
    }

    private static Argument<string> Name() => new("NAME") { Description = "The search's name." };
}
