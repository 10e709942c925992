using LipSol.Contracts.Runs;

namespace LipSol.Grains.Runs.Search;

/// <summary>From what people write to what the index looks for.</summary>
public static class RunSelections
{
    /// <summary>The selection that a search asks for.</summary>
    /// <param name="search">The search.</param>
    /// <param name="now">What times like <c>-7d</c> are counted from.</param>
    /// <exception cref="RunSearchException">Its condition or order can't be understood.</exception>
    public static RunSelection Of(RunSearch search, DateTimeOffset now)
    {
        List<RunCondition> conditions = [.. Conditions(search.Experiment, search.Status), RunSearchParser.ParseCondition(search.Where, now)];
        return new RunSelection
        {
            Condition = new AllOf(conditions),
            Order = RunSearchParser.ParseOrder(search.OrderBy),
            Deleted = search.Deleted,
            Skip = Math.Max(search.Skip, 0),
            Take = Math.Max(search.Take, 0),
            After = search.After,
            Count = search.Count,
        };
    }

    /// <summary>The selection of a plain list.</summary>
    public static RunSelection Of(RunQuery query) => new() { Condition = new AllOf([.. Conditions(query.Experiment, query.Status)]), Skip = Math.Max(query.Skip, 0), Take = Math.Max(query.Take, 0) };

    private static IEnumerable<RunCondition> Conditions(string? experiment, RunStatus? status)
    {
        if (experiment is not null) yield return new Comparison(new AttributeField(RunAttribute.Experiment), ComparisonOperator.Equal, SearchValue.OfText(experiment));
        if (status is { } wanted) yield return new Comparison(new AttributeField(RunAttribute.Status), ComparisonOperator.Equal, SearchValue.OfInteger((long)wanted));
    }
}
