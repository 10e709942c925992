using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;
using LipSol.Notebooks;

namespace LipSol.Cli.Studies;

/// <summary><c>cross-validate</c>: each speaker left out once.</summary>
internal static class CrossValidateCommand
{
    public static Command Create()
    {
        var options = new StudyOptions(seeds: "1", experiment: "cross-validate");
        var speakers = new Option<string?>("--speakers") { Description = "The speakers to leave out [default: each that train has].", HelpName = "A,B,…" };
        return new CliCommand("cross-validate", "Leave each speaker out once: how well people are read whom the model has never seen, speaker by speaker and over all. Runs that are there already are used, so the command goes on where it was.",
                "lipsol cross-validate --corpus urdu-demo --model word-tcn", "lipsol cross-validate --corpus urdu-demo --model word-tcn --seeds 1-3 --set epochs=20 --svg speakers.svg")
            .With([.. options.All, speakers])
            .Does(async call =>
            {
                var (run, seeds) = (options.Run(call), options.Seeds(call));
                await using var node = await NodeSession.OpenAsync(call);
                var known = (await node.Client.Corpora.GetAsync(run.Corpus, call.Cancelled)).Speakers.Where(s => s.Train > 0).Select(s => s.Speaker).ToArray();
                var left = call.Value(speakers)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? known;
                if (left.Except(known).FirstOrDefault() is { } stranger) throw new BadInputException($"{run.Corpus} has nobody called {stranger} in train. It has {string.Join(", ", known)}.");
                if (known.Length < 2) throw new BadInputException($"{run.Corpus} has {known.Length} speaker in train: without him there is nothing to train on. Leaving speakers out takes at least two.");
                run = run with { InitFrom = await options.InitFromAsync(call, node.Client) };
                return await StudyRunner.RunAsync(call, node.Client, StudyOptions.Plan(() => StudyPlan.LeaveOneSpeakerOut(run, left, seeds)), summaries => call.Terminal.Table(StudyTables.Speakers(summaries)),
                    options.Svg(call), study => new SpreadChart(study, options.Metric(call)).ToSvg());
            });
    }
}
