using System.Globalization;
using LipSol.Contracts.Runs;
using LipSol.Contracts.Searches;
using LipSol.Grains.Runs;
using LipSol.Search;

namespace LipSol.Grains.Searches;

/// <summary>What follows from what is known of a search: pure, so that it's the same whoever works it out and whenever.</summary>
internal static class SearchRules
{
    /// <summary>The definition as the library reads it.</summary>
    /// <exception cref="RefusedException">It can't be used; the message says where and what to do.</exception>
    public static SearchDefinition Read(string definition)
    {
        try
        {
            return DefinitionReader.Read(definition);
        }
        catch (SearchDefinitionException e)
        {
            throw new RefusedException(e.Message);
        }
    }

    public static bool IsOver(SearchStatus status) => status is not (SearchStatus.Running or SearchStatus.Paused);

    /// <summary>The trials as the sampler sees them, with the results up to a number of them.</summary>
    public static List<PastTrial> Past(IEnumerable<TrialRecord> trials, int known) => [.. trials.Select(t => new PastTrial(t.Number, t.Parameters,
        t.Order > 0 && t.Order <= known && t.Status is TrialStatus.Completed or TrialStatus.Stopped && double.IsFinite(t.Objective) ? new TrialResult(t.Objective, t.Status == TrialStatus.Completed, t.Values) : null))];

    /// <summary>The next trial; null where every configuration has been tried.</summary>
    public static TrialRecord? Next(SearchRecord record, Sampler sampler, DateTimeOffset now)
    {
        int number = record.Trials.Count + 1, known = record.Trials.Select(t => t.Order).DefaultIfEmpty(0).Max();
        return sampler.Propose(number, Past(record.Trials, known)) is not { } parameters ? null : new TrialRecord
        {
            Number = number,
            RunId = RunIds.Of(record.Name, RequestId(record, number)),
            Parameters = new Dictionary<string, string>(parameters),
            Known = known,
            ProposedAt = now,
        };
    }

    /// <summary>What a trial's run is started by: the same each time, so that it's started once.</summary>
    public static string RequestId(SearchRecord record, int number) => string.Create(CultureInfo.InvariantCulture, $"search {record.CreatedAt.UtcTicks} trial {number}");

    /// <summary>A trial's run.</summary>
    public static RunSpec Spec(SearchRecord record, TrialRecord trial, SearchDefinition definition)
    {
        var parameters = new Dictionary<string, string>(record.Template.Parameters);
        foreach ((string name, string value) in trial.Parameters) parameters[name] = value;
        string number = trial.Number.ToString(CultureInfo.InvariantCulture);
        string network = parameters.Remove("network", out string? searched) ? searched : record.Template.Network;
        return record.Template with
        {
            Experiment = record.Name,
            Name = $"{record.Name} {number}",
            Network = network,
            NetworkSource = record.Sources?.GetValueOrDefault(network),
            Parameters = parameters,
            Trial = new TrialOf(record.Name, definition.Asha is null ? null : definition.Metric),
            Tags = new(record.Template.Tags) { ["search"] = record.Name, ["trial"] = number },
        };
    }

    /// <summary>Takes in the values that a trial's metric has so far, and judges it at the rungs that it reached. One that doesn't go on has <see cref="TrialRecord.Stopping"/>.</summary>
    public static TrialRecord Judged(TrialRecord trial, IReadOnlyList<double> values, SearchDefinition definition, IReadOnlyList<TrialRecord> all, bool runIsOver)
    {
        trial = trial with { Objective = Objective.Best(values, definition.Maximise), Values = values.Count };
        if (definition.Asha is not { } asha) return trial;
        foreach (int rung in asha.Reached(values.Count).Skip(trial.Rungs.Count))
        {
            // What it did between the decision and its end is nobody's measure.
            if (trial.Stopping is not null) break;
            double best = Objective.Best(values.Take(rung), definition.Maximise);
            double[] others = [.. all.Where(t => t.Number != trial.Number).SelectMany(t => t.Rungs).Where(r => r.Values == rung).Select(r => r.Best)];
            // A run that has ended went past its rungs before anyone looked.
            bool goesOn = runIsOver || asha.GoesOn(best, others, definition.Maximise);
            trial = trial with { Rungs = [.. trial.Rungs, new RungRecord(rung, best, others.Length, goesOn)] };
            if (goesOn) continue;
            trial = trial with
            {
                Stopping = !double.IsFinite(best) ? $"{definition.Metric} {(double.IsNaN(best) ? "was no number up to" : "became infinite by")} its value {rung}"
                    : string.Create(CultureInfo.InvariantCulture, $"stopped at rung {rung}: {definition.Metric} {best:0.####} isn't among the best of {others.Length + 1} (one in {asha.Factor} goes on)"),
            };
        }
        return trial;
    }

    /// <summary>A trial whose run is over.</summary>
    /// <param name="trial">The trial, judged by all its values.</param>
    /// <param name="run">Its run.</param>
    /// <param name="metric">The metric.</param>
    public static TrialRecord Concluded(TrialRecord trial, RunRecord run, string metric) => run.Status switch
    {
        RunStatus.Failed => trial with { Status = TrialStatus.Failed, Reason = run.Reason ?? "its run failed" },
        _ when trial.Rungs is [.., { WentOn: false } last] && !double.IsFinite(last.Best) => trial with { Status = TrialStatus.Failed, Reason = trial.Stopping },
        _ when trial.Values > 0 && !double.IsFinite(trial.Objective) =>
            trial with { Status = TrialStatus.Failed, Reason = string.Create(CultureInfo.InvariantCulture, $"its objective is no number: {metric} {(double.IsNaN(trial.Objective) ? $"was NaN at each of its {trial.Values} values" : "became infinite")}") },
        RunStatus.Completed when trial.Values == 0 => trial with { Status = TrialStatus.Failed, Reason = $"its run has no metric {metric}. It has {(run.Metrics.Count == 0 ? "none" : string.Join(", ", run.Metrics.Keys.Order(StringComparer.Ordinal)))}." },
        RunStatus.Completed => trial with { Status = TrialStatus.Completed, Reason = null },
        _ => trial with { Status = TrialStatus.Stopped, Reason = trial.Stopping ?? run.Reason ?? "its run was stopped" },
    };

    /// <summary>Why a search gives up; null where it doesn't.</summary>
    public static string? GivesUp(SearchRecord record, int failures)
    {
        TrialRecord[] latest = [.. record.Trials.Where(t => t.Order > 0 && t.Number > record.ForgivenUpTo).OrderByDescending(t => t.Order).Take(failures)];
        return latest.Length < failures || latest.Any(t => t.Status != TrialStatus.Failed) ? null
            : $"{(failures == 1 ? "A trial" : $"{failures} trials")} failed{(failures == 1 ? "" : " one behind the other")}; the last, trial {latest[0].Number} (run {latest[0].RunId}): {latest[0].Reason} Mend what is wrong and go on with `lipsol sweep resume {record.Name}`.";
    }

    /// <summary>The best trial: of those that completed; where none did, of those that were stopped.</summary>
    public static SearchRecord WithBest(SearchRecord record, bool maximise)
    {
        TrialRecord? best = null;
        foreach (TrialStatus status in new[] { TrialStatus.Completed, TrialStatus.Stopped })
            foreach (TrialRecord trial in record.Trials.Where(t => t.Status == status && (best is null || best.Status == status)))
                if (Objective.IsBetter(trial.Objective, best?.Objective ?? double.NaN, maximise)) best = trial;
        return record with { Best = best?.Number ?? 0, BestObjective = best?.Objective ?? double.NaN, TrialCount = record.Trials.Count };
    }
}
