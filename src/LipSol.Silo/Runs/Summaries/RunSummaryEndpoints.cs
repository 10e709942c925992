using LipSol.Client;
using LipSol.Contracts.Runs;
using LipSol.Corpus;
using LipSol.Corpus.Samples;
using LipSol.Grains.Ports;
using LipSol.Language.Evaluation;
using LipSol.Silo.Corpora;
using LipSol.Silo.Http;
using RunStatus = LipSol.Contracts.Runs.RunStatus;

namespace LipSol.Silo.Runs.Summaries;

/// <summary>Groups of runs in figures over HTTP: what several seeds, several speakers and several sizes say together.</summary>
internal static class RunSummaryEndpoints
{
    private const int MostRuns = 500;

    public static void MapRunSummaries(this RouteGroupBuilder runs) =>
        runs.MapPost("/summaries", SummariseAsync).WithSummary("Puts groups of completed runs into figures: mean, spread and interval of each group, on the same test clips.")
            .Refuses(StatusCodes.Status409Conflict).NeedsRead();

    private static async Task<RunSummaries> SummariseAsync(SummariseRuns request, IGrainFactory grains, IArtifactReader artifacts, CorpusLibrary corpora, CancellationToken cancellationToken)
    {
        if (request.Groups is not { Count: > 0 } groups || groups.Any(g => g?.Runs is not { Count: > 0 }) || groups.Sum(g => g.Runs.Count) > MostRuns)
            throw ApiException.BadRequest($"Give groups of runs, each with at least one run, at most {MostRuns} runs in all.");
        var read = new List<(RunGroup Group, RunRecord[] Runs, Evaluation[] Evaluations)>();
        foreach (var group in groups)
        {
            var runs = new List<RunRecord>();
            var evaluations = new List<Evaluation>();
            foreach (var id in group.Runs)
            {
                var run = await grains.GetGrain<IRunGrain>(id).GetAsync() ?? throw ApiException.NotFound($"There is no run {id}. `lipsol runs list` names them all.");
                if (run is not { Status: RunStatus.Completed, Outcome: { } outcome }) throw new RefusedException($"Run {id} is {run.Status}: only completed runs have figures.");
                runs.Add(run);
                evaluations.Add(EvaluationFile.Read(await artifacts.ReadAsync(outcome.EvaluationArtifact, cancellationToken)));
            }
            read.Add((group, [.. runs], [.. evaluations]));
        }
        return await Task.Run(() => Summarise(request, read, corpora), cancellationToken);
    }

    private static RunSummaries Summarise(SummariseRuns request, IReadOnlyList<(RunGroup Group, RunRecord[] Runs, Evaluation[] Evaluations)> groups, CorpusLibrary corpora)
    {
        var shared = SharedSpeakers.Of(groups.SelectMany(g => g.Evaluations));
        var figures = groups.Select(g => Figures(g.Group, g.Evaluations, shared)).ToArray();
        RunGroupSummary[] summaries = [.. groups.Select((g, i) => Summary(g.Group, g.Runs, g.Evaluations, figures[i], shared, corpora))];
        return new RunSummaries
        {
            Groups = summaries,
            Curves = request.Curve is { } grows ? CurveFits.Of(summaries, grows, request.Targets ?? new Dictionary<string, double>()) : [],
            Across = groups.Count > 1 && groups.All(g => g.Group.Speaker is not null)
                ? figures[0].Keys.Where(name => figures.All(f => f.ContainsKey(name))).ToDictionary(name => name, name => ToMessage(RunSpread.Across([.. figures.Select(f => f[name])]))) : [],
        };
    }

    private static IReadOnlyDictionary<string, SpreadFigure> Figures(RunGroup group, Evaluation[] evaluations, SharedSpeakers shared)
    {
        try
        {
            return RunSpread.Of(evaluations, shared, group.Speaker);
        }
        catch (UnpairedEvaluationsException)
        {
            throw new RefusedException($"The runs of \"{group.Label}\" were tested on different clips, so they have no mean. Put runs of one corpus version and one selection into a group.");
        }
        catch (ArgumentException e)
        {
            throw new RefusedException($"\"{group.Label}\": {e.Message}");
        }
    }

    private static RunGroupSummary Summary(RunGroup group, RunRecord[] runs, Evaluation[] evaluations, IReadOnlyDictionary<string, SpreadFigure> figures, SharedSpeakers shared, CorpusLibrary corpora)
    {
        // Seeds that draw their own speakers are trained on more or fewer clips: the mean.
        var trained = runs.Select(run => TrainedOn(run, corpora)).ToArray();
        return new RunGroupSummary
        {
            Label = group.Label,
            Speaker = group.Speaker,
            TrainClips = (int)Math.Round(trained.Average(clips => clips.Length)),
            TrainSpeakers = (int)Math.Round(trained.Average(clips => clips.Select(c => c.Speaker).Distinct().Count())),
            Figures = figures.ToDictionary(f => f.Key, f => ToMessage(f.Value)),
            Runs = [.. runs.Select((run, i) => new RunInGroup(run.Id, run.Spec.Seed,
                evaluations.Length == 1 ? figures.ToDictionary(f => f.Key, f => f.Value.Mean) : RunSpread.Of([evaluations[i]], shared, group.Speaker, resamples: 100).ToDictionary(f => f.Key, f => f.Value.Mean)))],
        };
    }

    private static CorpusClip[] TrainedOn(RunRecord run, CorpusLibrary corpora) =>
        [.. TrainingSelection.From(run.Spec.Parameters).ForReading(corpora.GetVersion(run.Spec.DataHash).Manifest).Clips.Where(c => c is { Split: Split.Train, Refused: null, MouthClip: not null })];

    private static SpreadEstimate ToMessage(SpreadFigure f) => new(f.Mean, f.Spread, f.Low, f.High, f.Runs, f.Count, f.Clips);
}
