using LipSol.Client;
using Recorded = LipSol.Contracts.Runs;

namespace LipSol.Silo.Runs;

/// <summary>From the grains' records to the messages of the HTTP API.</summary>
internal static class RunMapping
{
    /// <summary>What the source of a person's network is called among a run's artifacts.</summary>

    public static Run ToMessage(this Recorded.RunRecord run) => new()
    {
        Id = run.Id,
        Experiment = run.Spec.Experiment,
        Name = run.Spec.Name,
        Network = run.Spec.Network,
        NetworkSource = run.Spec.NetworkSource,
        Corpus = run.Spec.Corpus,
        DataHash = run.Spec.DataHash,
        CodeVersion = run.Spec.CodeVersion,
        Parameters = run.Spec.Parameters,
        InitFrom = run.Spec.InitFrom?.ToMessage(),
        Seed = run.Spec.Seed,
        Threads = run.Spec.Threads,
        Needs = run.Spec.Needs is { } needs ? new RunNeeds { Gpus = needs.Gpus, Memory = needs.Memory, GpuMemory = needs.GpuMemory, Labels = needs.Labels } : null,
        Status = run.Status.ToMessage(),
        Reason = run.Reason,
        BadInput = run.BadInput,
        CreatedAt = run.CreatedAt,
        StartedAt = run.StartedAt,
        EndedAt = run.EndedAt,
        DeletedAt = run.DeletedAt,
        Node = run.Node,
        Phase = run.Status == Recorded.RunStatus.Running ? run.Heartbeat?.Phase : null,
        Progress = Progress(run.Status, run.Heartbeat),
        Metrics = run.Metrics.ToDictionary(m => m.Key, m => new MetricSummary(m.Value.Last, m.Value.LastStep, m.Value.Minimum, m.Value.Maximum)),
        Figures = run.Outcome?.Figures.ToMessage() ?? [],
        OnnxMaxAbsDifference = run.Outcome?.OnnxMaxAbsDifference,
        Artifacts = Artifacts(run).ToDictionary(a => a.Name, a => a.Hash),
        KeepCheckpoints = (run.Spec.Keep ?? Recorded.CheckpointRetention.Default).ToString(),
        Checkpoints = [.. run.Checkpoints.Select(c => new RunCheckpoint(c.Artifact, c.Step, c.Epoch, c.Time, c.Score))],
        Attempts = [.. run.Attempts.Select(a => new RunAttempt(a.Epoch, a.Node, a.StartedAt, a.EndedAt, a.Ended, a.ResumedFrom?.Step))],
        Tags = run.Spec.Tags.Concat(run.Tags).GroupBy(t => t.Key).ToDictionary(g => g.Key, g => g.Last().Value),
    };

    /// <summary>As the run's record has it.</summary>
    public static Recorded.RunNeeds ToRecord(this RunNeeds needs) => new() { Gpus = needs.Gpus, Memory = needs.Memory, GpuMemory = needs.GpuMemory, Labels = [.. needs.Labels] };

    /// <summary>What the run left and kept, and its current checkpoint.</summary>
    public static IEnumerable<ArtifactEntry> Artifacts(Recorded.RunRecord run)
    {
        if (run.Outcome is { } outcome)
        {
            yield return new ArtifactEntry("model", outcome.ModelArtifact);
            yield return new ArtifactEntry("evaluation", outcome.EvaluationArtifact);
        }
        var named = (run.Outcome?.Artifacts ?? []).Concat(run.Kept ?? []).Where(a => a.Key is not ("model" or "evaluation" or "checkpoint" or Recorded.NotebookArtifacts.NetworkSource)).DistinctBy(a => a.Key);
        foreach (var (name, hash) in named) yield return new ArtifactEntry(name, hash);
        // As the run was given it: the worker that tells the rest runs this very code.
        if (run.Spec.NetworkSource is { } source) yield return new ArtifactEntry(Recorded.NotebookArtifacts.NetworkSource, source);
        if (run.Checkpoints is [.., var current]) yield return new ArtifactEntry("checkpoint", current.Artifact);
    }

    private static InitialWeights ToMessage(this Recorded.InitialWeights from) => new()
    {
        Kind = Enum.Parse<WeightsKind>(from.Kind.ToString()),
        Id = from.Id,
        Weights = from.Weights,
        Map = from.Map,
        Pretraining = [.. from.Pretraining.Select(p => new Pretraining(p.RunId, p.Corpus, p.DataHash, p.Selection))],
        Unknown = from.Unknown,
        SpeakersSeen = from.SpeakersSeen,
    };

    public static RunStatus ToMessage(this Recorded.RunStatus status) => Enum.Parse<RunStatus>(status.ToString());

    public static Dictionary<string, Estimate> ToMessage(this IReadOnlyDictionary<string, Recorded.Estimate> figures) =>
        figures.ToDictionary(f => f.Key, f => f.Value.ToMessage());

    public static Estimate ToMessage(this Recorded.Estimate estimate) => new(estimate.Value, estimate.Low, estimate.High, estimate.Count);

    public static MetricPoint ToMessage(this Recorded.MetricPoint point) => new(point.Name, point.Step, point.Value, point.Time);

    public static RunEvent ToMessage(this Recorded.RunEvent e) =>
        new(e.Cursor, e.Status.ToMessage(), e.Reason, [.. e.Points.Select(ToMessage)], e.Status == Recorded.RunStatus.Running ? e.Heartbeat?.Phase : null, Progress(e.Status, e.Heartbeat));

    private static double Progress(Recorded.RunStatus status, Recorded.WorkerHeartbeat? heartbeat) =>
        status == Recorded.RunStatus.Completed ? 1 : heartbeat?.Progress ?? 0;
}
