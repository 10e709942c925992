using LipSol.Contracts.Runs;
using LipSol.Corpus;
using LipSol.Corpus.Samples;
using LipSol.Silo.Http;

namespace LipSol.Silo.Runs.Pretrained;

/// <summary>What a run's test clips have to do with what the weights it starts from were trained on.</summary>
/// <param name="Unknown">What can't be told, a sentence each.</param>
/// <param name="SpeakersSeen">Speakers who count as unseen in the run though the weights were trained on them.</param>
internal sealed record PretrainingCheck(List<string> Unknown, List<string> SpeakersSeen)
{
    private const int Named = 5;
    private static readonly string[] SelectionParameters = [TrainingSelection.ClipsParameter, TrainingSelection.SpeakersParameter, TrainingSelection.HeldOutParameter, TrainingSelection.SeedParameter];

    /// <summary>Refuses weights that know clips which the run would be tested on, whatever they are called, and a speaker who is to be held out.</summary>
    /// <param name="runs">The runs behind the weights.</param>
    /// <param name="corpus">What the run is trained and tested on.</param>
    /// <param name="parameters">The run's parameters.</param>
    /// <param name="find">A corpus version by its data hash; null where it isn't here.</param>
    /// <exception cref="ApiException">The weights know what the run is tested on.</exception>
    public static PretrainingCheck Of(IEnumerable<Pretraining> runs, CorpusManifest corpus, IReadOnlyDictionary<string, string> parameters, Func<string, CorpusManifest?> find)
    {
        var check = new PretrainingCheck([], []);
        var (selection, selected) = (TrainingSelection.From(parameters), Selected(corpus, parameters));
        CorpusClip[] tested = [.. selected.Where(c => c.Split == Split.Test)];
        var strangers = tested.Select(c => c.Speaker).Except(selected.Where(c => c.Split == Split.Train).Select(c => c.Speaker)).ToHashSet();
        foreach (var run in runs)
        {
            if (find(run.DataHash) is not { } manifest)
            {
                check.Unknown.Add(NotHere(run));
                continue;
            }
            CorpusClip[] learnt = [.. Learnt(manifest, run.Selection)];
            RefuseLeaks(run, learnt, corpus, tested);
            if (run.Corpus != corpus.Name) continue;
            if (selection.HeldOut.Length > 0 && learnt.Any(c => c.Speaker == selection.HeldOut))
                throw ApiException.Unprocessable("speaker-in-pretraining",
                    $"{selection.HeldOut} is to be held out, but run {run.RunId}, which the weights come from, was trained on this speaker. Start from weights that never saw {selection.HeldOut} (a run with --set {TrainingSelection.HeldOutParameter}={selection.HeldOut}), or from random ones.");
            check.SpeakersSeen.AddRange(learnt.Select(c => c.Speaker).Distinct().Where(strangers.Remove));
        }
        check.SpeakersSeen.Sort(StringComparer.Ordinal);
        return check;
    }

    /// <summary>What is said of a run whose corpus isn't here.</summary>
    public static string NotHere(Pretraining run) =>
        $"The version {run.DataHash} of {run.Corpus}, which run {run.RunId} was trained on, isn't on this node: whether clips that the run is tested on were among it can't be told.";

    /// <summary>Those of a run's parameters that say which part of its corpus it was trained on; empty where it was all of it.</summary>
    public static Dictionary<string, string> Selection(IReadOnlyDictionary<string, string> parameters) =>
        TrainingSelection.From(parameters) is { Clips: 0, Speakers: 0, HeldOut: "" } ? [] : SelectionParameters.Where(parameters.ContainsKey).ToDictionary(name => name, name => parameters[name]);

    private static void RefuseLeaks(Pretraining run, CorpusClip[] learnt, CorpusManifest corpus, CorpusClip[] tested)
    {
        // By the recording, and by the mouth: a recording that was packed anew has other bytes, but the same mouth.
        var known = new Dictionary<string, CorpusClip>();
        foreach (var clip in learnt)
        {
            known.TryAdd(clip.ContentHash, clip);
            known.TryAdd(clip.MouthClip!, clip);
        }
        var leaks = tested.Select(test => (Test: test, Learnt: known.GetValueOrDefault(test.ContentHash) ?? known.GetValueOrDefault(test.MouthClip!))).Where(p => p.Learnt is not null).ToArray();
        if (leaks.Length == 0) return;
        var named = string.Join(", ", leaks.Take(Named).Select(p => $"{p.Test.Id} (there {p.Learnt!.Id}, in {p.Learnt.Split.ToString().ToLowerInvariant()})")) + (leaks.Length > Named ? $" and {leaks.Length - Named} more" : "");
        throw ApiException.Unprocessable("test-in-pretraining",
            $"{leaks.Length} of the {tested.Length} clips of {corpus.Name} that this run would be tested on were trained on by run {run.RunId} ({run.Corpus}, data {run.DataHash}), which the weights come from: {named}. "
            + $"Its figures would be too good. Start from weights that never saw these clips, or import {corpus.Name} with a split in which they aren't in test.");
    }

    private static IEnumerable<CorpusClip> Learnt(CorpusManifest manifest, IReadOnlyDictionary<string, string> selection)
    {
        try
        {
            manifest = TrainingSelection.From(selection).ForTraining(manifest);
        }
        catch (CorpusProblemsException)
        {
            // Which part it was can't be told any more: all of it may have been.
        }
        return manifest.Clips.Where(c => IsUsable(c) && c.Split != Split.Test);
    }

    private static CorpusClip[] Selected(CorpusManifest corpus, IReadOnlyDictionary<string, string> parameters)
    {
        try
        {
            return [.. TrainingSelection.From(parameters).ForTraining(corpus).Clips.Where(IsUsable)];
        }
        catch (CorpusProblemsException e)
        {
            throw ApiException.Unprocessable("unusable-corpus", e.Message);
        }
    }

    private static bool IsUsable(CorpusClip clip) => clip is { MouthClip: not null, Refused: null };
}
