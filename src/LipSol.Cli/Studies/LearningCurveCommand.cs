using System.CommandLine;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Nodes;
using LipSol.Client;
using LipSol.Notebooks;

namespace LipSol.Cli.Studies;

/// <summary><c>learning-curve</c>: how many more must be recorded.</summary>
internal static class LearningCurveCommand
{
    public static Command Create()
    {
        var options = new StudyOptions(seeds: "1-3", experiment: "learning-curve");
        var clips = new Option<string?>("--clips") { Description = "Numbers of training clips, as 50,100,200,all.", HelpName = "LIST" };
        var speakers = new Option<string?>("--speakers") { Description = "Numbers of training speakers, as 1,2,4,all; instead of --clips.", HelpName = "LIST" };
        var target = new Option<double?>("--target") { Description = "The value that the figure is to reach, e.g. 0.95: how much that takes is answered [default: half of the present error].", HelpName = "VALUE" };
        return new CliCommand("learning-curve", "How many more must I record? Trains on more and more clips, or speakers; a larger set holds the smaller one. Runs that are there already are used, so the command goes on where it was.",
                "lipsol learning-curve --corpus urdu-demo --model word-tcn --clips 40,80,160,all --seeds 1-3 --svg curve.svg", "lipsol learning-curve --corpus urdu-demo --model word-tcn --speakers 1,2,all --metric word_accuracy.unseen",
                "lipsol learning-curve --corpus urdu-sentences --model char-tcn --clips 25,50,100 --metric wer --init-from grid-letters@3")
            .With([.. options.All, clips, speakers, target])
            .Does(async call =>
            {
                if (call.Value(clips) is null == call.Value(speakers) is null) throw new BadInputException("Say what grows: --clips 50,100,200,all or --speakers 1,2,4,all.");
                var (run, seeds) = (options.Run(call), options.Seeds(call));
                StudyPlan PlanOf(StartRun each) => StudyOptions.Plan(() => call.Value(clips) is { } sizes ? StudyPlan.OverClips(each, StudyOptions.ParseSizes("--clips", sizes), seeds)
                    : StudyPlan.OverSpeakers(each, StudyOptions.ParseSizes("--speakers", call.Value(speakers)!), seeds));
                // What can't be planned is said before a node is started.
                _ = PlanOf(run);
                if (call.Value(target) is { } value and not (> 0 and < 1)) throw new BadInputException($"--target {value}: give a share between 0 and 1, as 0.95.");
                await using var node = await NodeSession.OpenAsync(call);
                var plan = PlanOf(run with { InitFrom = await options.InitFromAsync(call, node.Client) });
                if (call.Value(target) is { } share) plan = plan with { Targets = new Dictionary<string, double> { [options.Metric(call)] = share } };
                return await StudyRunner.RunAsync(call, node.Client, plan, summaries => Show(call, plan, summaries, options.Metric(call)),
                    options.Svg(call), study => new LearningCurveChart(study, options.Metric(call)).ToSvg());
            });
    }

    private static void Show(Invocation call, StudyPlan plan, RunSummaries summaries, string metric)
    {
        call.Terminal.Table(StudyTables.Curve(summaries));
        call.Terminal.Line(StudyTables.Forecast(summaries, metric, plan.Kind == StudyKind.OverSpeakers ? "speakers" : "clips"));
    }
}
