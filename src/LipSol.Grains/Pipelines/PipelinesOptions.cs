namespace LipSol.Grains.Pipelines;

/// <summary>How pipelines are run on this node.</summary>
public sealed record PipelinesOptions
{
    /// <summary>The version of LipSol: part of what decides whether a step is done again.</summary>
    public string CodeVersion { get; init; } = "";

    /// <summary>How often a run looks at time-outs and at what is to be tried again.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a run of training is looked at.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For how long errors of the cluster that pass are waited out before a step's try counts as failed.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);
}
