using LipSol.Client;
using LipSol.Search;
using Recorded = LipSol.Contracts.Searches;

namespace LipSol.Silo.Searches;

/// <summary>From the grains' records to the messages of the HTTP API.</summary>
internal static class SearchMapping
{
    public static ParameterSearch ToMessage(this Recorded.SearchRecord search)
    {
        var definition = DefinitionReader.Read(search.Definition);
        return new ParameterSearch
        {
            Name = search.Name,
            Definition = search.Definition,
            Status = Enum.Parse<SearchStatus>(search.Status.ToString()),
            Reason = search.Reason,
            Method = definition.Method.ToString().ToLowerInvariant(),
            Metric = definition.Metric,
            Maximise = definition.Maximise,
            Network = definition.Network,
            Corpus = search.Template.Corpus,
            DataHash = search.Template.DataHash,
            Seed = definition.Seed,
            Target = search.Target,
            TrialCount = search.TrialCount,
            Best = search.Best,
            BestObjective = Known(search.BestObjective),
            CreatedAt = search.CreatedAt,
            EndedAt = search.EndedAt,
            Parameters = [.. definition.Space.Parameters.Select(p => p.Name)],
            Trials = [.. search.Trials.Select(ToMessage)],
            Revision = search.Revision,
        };
    }

    public static SearchAnalysis Analyse(Recorded.SearchRecord search)
    {
        var space = DefinitionReader.Read(search.Definition).Space;
        var past = search.Trials.Select(t => new PastTrial(t.Number, t.Parameters, t.Status is Recorded.TrialStatus.Completed or Recorded.TrialStatus.Stopped && double.IsFinite(t.Objective)
            ? new TrialResult(t.Objective, t.Status == Recorded.TrialStatus.Completed, t.Values) : null)).ToArray();
        return new SearchAnalysis(
            [.. SearchAxis.Of(space).Select(a => new CoordinateAxis(a.Parameter, [.. a.Ticks.Select(t => new AxisTick(t.Label, t.Place))]))],
            [.. search.Trials.Select(t => new TrialCoordinates(t.Number, [.. space.Parameters.Select(p => t.Parameters.TryGetValue(p.Name, out var value) ? p.Domain.Share(value) : (double?)null)]))],
            ParameterImportance.Of(space, past)?.Select(s => new ParameterShare(s.Parameter, s.Share)).ToArray());
    }

    private static SearchTrial ToMessage(Recorded.TrialRecord trial) => new()
    {
        Number = trial.Number,
        RunId = trial.RunId,
        Parameters = trial.Parameters,
        Status = Enum.Parse<SearchTrialStatus>(trial.Status.ToString()),
        Reason = trial.Reason ?? trial.Stopping,
        Objective = Known(trial.Objective),
        Values = trial.Values,
        Rungs = [.. trial.Rungs.Select(r => new SearchRung(r.Values, r.Best, r.Others, r.WentOn))],
        Order = trial.Order,
        Known = trial.Known,
        ProposedAt = trial.ProposedAt,
        EndedAt = trial.EndedAt,
    };

    private static double? Known(double value) => double.IsNaN(value) ? null : value;
}
