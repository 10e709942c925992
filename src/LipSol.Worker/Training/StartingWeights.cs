using LipSol.Artifacts;
using LipSol.Inference;
using LipSol.Models.Weights;
using LipSol.WorkerProtocol;

namespace LipSol.Worker.Training;

/// <summary>What a job says of the weights it starts from, as training, the run's report and the model's manifest need it.</summary>
internal static class StartingWeights
{
    /// <summary>The files, read where they lie: what the store holds is what its hash says, or it's refused.</summary>
    /// <exception cref="ArtifactNotFoundException">One of them isn't in the store.</exception>
    /// <exception cref="ArtifactDamagedException">One of them isn't what its hash says.</exception>
    public static WeightsSource Open(InitialWeights from, JobArtifacts artifacts) => new()
    {
        Kind = from.Kind,
        Id = from.Id,
        ContentHash = from.Weights,
        Path = Verified(artifacts, from.Weights),
        MapHash = from.Map,
        MapPath = from.Map is { } map ? Verified(artifacts, map) : null,
    };

    /// <summary>What is known of the data behind them, and what isn't: a sentence each.</summary>
    public static IReadOnlyList<string> DataBehind(ModelStart from)
    {
        var sentences = new List<string>();
        if (from.Pretraining.Count > 0)
        {
            var runs = string.Join(", before that ", from.Pretraining.Select(p => $"run {p.RunId} on {p.Corpus} (data {p.DataHash})"));
            sentences.Add($"These weights were made by {runs}.{(from.Unknown.Count == 0 ? " None of the clips that this run is tested on was among its train or val, by content." : "")}");
        }
        sentences.AddRange(from.Unknown);
        if (from.SpeakersSeen.Count > 0) sentences.Add($"These weights know speakers who count as unseen here: {string.Join(", ", from.SpeakersSeen)}. Figures of unseen speakers are too good for them.");
        return sentences;
    }

    /// <summary>As the model carries it.</summary>
    public static ModelStart ToManifest(InitialWeights from) => new()
    {
        Kind = from.Kind,
        Id = from.Id,
        Weights = from.Weights,
        Map = from.Map,
        Pretraining = [.. from.Pretraining.Select(p => new ModelPretraining(p.RunId, p.Corpus, p.DataHash, p.Selection))],
        Unknown = from.Unknown,
        SpeakersSeen = from.SpeakersSeen,
    };

    private static string Verified(JobArtifacts artifacts, string hash)
    {
        using (artifacts.OpenRead(hash, verify: true)) return artifacts.PathOf(hash);
    }
}
