using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Cli.Studies;
using LipSol.Client;

namespace LipSol.Cli.Runs;

/// <summary><c>train</c>: one run, followed to its end.</summary>
internal static class TrainCommand
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    public static Command Create()
    {
        var corpus = new Option<string>("--corpus") { Description = "The corpus.", Required = true };
        var network = new Option<string>("--model") { Description = "The network.", Required = true, HelpName = "word-tcn|word-gru|char-tcn|char-gru" };
        var set = KeyValues.Option("--set", "A parameter that differs from the network's default; may be given several times.");
        var seed = new Option<long>("--seed") { Description = "Seed of everything random in the run.", DefaultValueFactory = _ => 1 };
        var seeds = new Option<string?>("--seeds") { Description = "Several seeds, as 1,2,3 or 1-3: one run each, then mean and spread. Runs of the experiment that are there already are used.", HelpName = "LIST" };
        var experiment = new Option<string>("--experiment") { Description = "The experiment it belongs to.", DefaultValueFactory = _ => "default" };
        var name = new Option<string?>("--name") { Description = "A name for people." };
        var threads = new Option<int>("--threads") { Description = "Threads; 0: the slot's. Part of what decides the numbers." };
        var keep = new Option<string?>("--keep-checkpoints") { Description = "Which checkpoints stay in the artifact store: last, best (on val) and every N, separated by commas, or all. Without it: last,best.", HelpName = "WHICH" };
        var init = new InitFromOptions();
        var needs = new NeedsOptions();
        return new CliCommand("train", "Train one run, follow it live and show its figures on the test split. Ctrl-C stops the run behind a checkpoint.",
                "lipsol train --corpus grid --model word-tcn", "lipsol train --corpus urdu-demo --model word-tcn --set epochs=10 --set learning_rate=0.002 --experiment rates",
                "lipsol train --corpus urdu-demo --model word-tcn --seeds 1-3", "lipsol train --corpus grid --model char-tcn --keep-checkpoints \"best, every 5\"", "lipsol train --corpus grid --model char-tcn --gpu --label lab --priority 5",
                "lipsol train --corpus urdu-sentences --model char-tcn --init-from grid-letters@3 --freeze visual --freeze-epochs 5",
                "lipsol train --corpus urdu-sentences --model char-tcn --init-from lrw.pt --map lrw.yaml")
            .With([corpus, network, set, seed, seeds, experiment, name, threads, keep, .. init.All, .. needs.All])
            .Does(async call =>
            {
                var start = needs.Apply(call, new StartRun
                {
                    Experiment = call.Value(experiment)!,
                    Name = call.Value(name),
                    Network = call.Value(network)!,
                    Corpus = call.Value(corpus)!,
                    Parameters = init.Parameters(call, KeyValues.Parse("--set", call.Value(set))),
                    Seed = call.Value(seed),
                    Threads = call.Value(threads),
                    KeepCheckpoints = call.Value(keep),
                });
                var several = call.Value(seeds) is { } list ? StudyOptions.ParseSeeds(list) : null;
                await using var node = await NodeSession.OpenAsync(call);
                start = start with { InitFrom = await init.FindAsync(call, node.Client) };
                if (several is not null)
                    return await StudyRunner.RunAsync(call, node.Client, StudyPlan.Seeds(start, several), summaries => call.Terminal.Table(StudyTables.Seeds(summaries)), null, _ => "");
                var run = await node.Client.Runs.StartAsync(start, call.Cancelled);
                call.Terminal.Note($"run {run.Id} ({run.Name}) of {run.Network} on {run.Corpus}, data {run.DataHash}");
                return await FollowAsync(call, node.Client, run);
            });
    }

    /// <summary>Follows a run to its end; on Ctrl-C stops it. Returns the exit status.</summary>
    public static async Task<int> FollowAsync(Invocation call, LipSolClient client, Run run)
    {
        try
        {
            run = await RunFollower.FollowAsync(call, client, run);
        }
        catch (OperationCanceledException) when (call.Cancelled.IsCancellationRequested)
        {
            call.Terminal.Note($"stopping run {run.Id} …");
            using var patience = new CancellationTokenSource(StopPatience);
            await client.Runs.StopAsync(run.Id, "stopped with Ctrl-C", patience.Token);
            run = await client.Runs.WaitAsync(run.Id, patience.Token);
        }
        RunViews.Print(call, run);
        if (call.Terminal.Json) call.Terminal.Document(run);
        return run.Status == RunStatus.Completed ? ExitStatus.Done : run.BadInput ? ExitStatus.BadInput : ExitStatus.Failed;
    }
}
