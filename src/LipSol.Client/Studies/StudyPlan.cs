using System.Globalization;

namespace LipSol.Client;

/// <summary>A group of runs that answers one question: how much is luck, how well are strangers read, how many more clips are needed. Each run is an ordinary run of one experiment.</summary>
/// <param name="Kind">What it's about.</param>
/// <param name="Groups">The groups, in the order in which they're shown.</param>
public sealed record StudyPlan(StudyKind Kind, IReadOnlyList<PlannedGroup> Groups)
{
    /// <summary>Of a curve: values that figures are to reach, by figure (<c>word_accuracy</c>, <c>wer</c>, …). Where a figure has none, half of its present error is asked for.</summary>
    public IReadOnlyDictionary<string, double> Targets { get; init; } = new Dictionary<string, double>();

    /// <summary>Several seeds of one configuration: mean and spread.</summary>
    /// <param name="run">The configuration; its seed isn't looked at.</param>
    /// <param name="seeds">The seeds.</param>
    public static StudyPlan Seeds(StartRun run, IReadOnlyList<long> seeds) =>
        new(StudyKind.Seeds, [new PlannedGroup("all", null, [.. Distinct(seeds).Select(seed => Named(run with { Seed = seed }, $"seed {seed}"))])]);

    /// <summary>Each speaker left out once, read by runs that were never trained on him.</summary>
    /// <param name="run">The configuration; its seed isn't looked at.</param>
    /// <param name="speakers">The speakers to leave out; each is in <c>train</c>.</param>
    /// <param name="seeds">Seeds of each.</param>
    public static StudyPlan LeaveOneSpeakerOut(StartRun run, IReadOnlyList<string> speakers, IReadOnlyList<long> seeds) =>
        new(StudyKind.LeaveOneSpeakerOut, [.. Distinct(speakers).Select(speaker => new PlannedGroup(speaker, speaker,
            [.. Distinct(seeds).Select(seed => Named(With(run, ("hold_out_speaker", speaker)) with { Seed = seed }, $"without {speaker}, seed {seed}"))]))]);

    /// <summary>More and more clips. With one seed, more clips hold the fewer; each seed draws its own.</summary>
    /// <param name="run">The configuration; its seed isn't looked at.</param>
    /// <param name="sizes">Numbers of clips; null: all.</param>
    /// <param name="seeds">Seeds of each.</param>
    public static StudyPlan OverClips(StartRun run, IReadOnlyList<int?> sizes, IReadOnlyList<long> seeds) => Curve(StudyKind.OverClips, "train_clips", "clips", run, sizes, seeds);

    /// <summary>More and more speakers. With one seed, more speakers hold the fewer; each seed draws its own.</summary>
    /// <inheritdoc cref="OverClips" path="/param"/>
    public static StudyPlan OverSpeakers(StartRun run, IReadOnlyList<int?> sizes, IReadOnlyList<long> seeds) => Curve(StudyKind.OverSpeakers, "train_speakers", "speakers", run, sizes, seeds);

    private static StudyPlan Curve(StudyKind kind, string parameter, string unit, StartRun run, IReadOnlyList<int?> sizes, IReadOnlyList<long> seeds)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        if (sizes.Any(s => s < 1)) throw new ArgumentException($"A curve begins at 1 {unit}.", nameof(sizes));
        return new StudyPlan(kind, [.. sizes.Distinct().OrderBy(s => s ?? int.MaxValue).Select(size => new PlannedGroup(size?.ToString(CultureInfo.InvariantCulture) ?? "all", null,
        [
            // Where all are used there's nothing to draw: these are the runs that `train` makes.
            .. Distinct(seeds).Select(seed => Named((size is { } n ? With(run, (parameter, n.ToString(CultureInfo.InvariantCulture)), ("selection_seed", seed.ToString(CultureInfo.InvariantCulture))) : run) with { Seed = seed },
                $"{(size is { } some ? $"{some}" : "all")} {unit}, seed {seed}")),
        ]))]);
    }

    private static StartRun With(StartRun run, params (string Name, string Value)[] parameters)
    {
        var all = new Dictionary<string, string>(run.Parameters);
        foreach (var (name, value) in parameters)
            if (!all.TryAdd(name, value)) throw new ArgumentException($"The parameter {name} is what this study varies: leave it out.", nameof(parameters));
        return run with { Parameters = all };
    }

    private static StartRun Named(StartRun run, string what) => run with { Name = $"{run.Name ?? run.Network}: {what}{(run.InitFrom is { } from ? $", from {from.Id}" : "")}" };

    private static IReadOnlyList<T> Distinct<T>(IReadOnlyList<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return values.Count == 0 ? throw new ArgumentException("Give at least one seed, and one speaker.", nameof(values)) : [.. values.Distinct()];
    }
}

/// <summary>What a study is about.</summary>
public enum StudyKind
{
    /// <summary>Several seeds of one configuration.</summary>
    Seeds,
    /// <summary>Each speaker left out once.</summary>
    LeaveOneSpeakerOut,
    /// <summary>More and more clips.</summary>
    OverClips,
    /// <summary>More and more speakers.</summary>
    OverSpeakers,
}

/// <summary>The runs behind one figure of a study: they differ in their seeds alone.</summary>
/// <param name="Label">What is shown for it: a size, a speaker.</param>
/// <param name="Speaker">The figure is over this speaker's test clips alone; null: over all.</param>
/// <param name="Runs">What to run.</param>
public sealed record PlannedGroup(string Label, string? Speaker, IReadOnlyList<StartRun> Runs);
