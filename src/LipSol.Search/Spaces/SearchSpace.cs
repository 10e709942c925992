namespace LipSol.Search;

/// <summary>The parameters of a search, those that others depend on first.</summary>
public sealed class SearchSpace
{
    /// <summary>Trials that one search may have, and values that one grid may go through.</summary>
    public const int MostTrials = 2000;

    private readonly Dictionary<string, SearchParameter> _byName;

    /// <summary>Orders the parameters.</summary>
    /// <exception cref="ArgumentException">There are none, a name comes twice, or a condition can't be met; the message says which and what to do.</exception>
    public SearchSpace(IEnumerable<SearchParameter> parameters)
    {
        SearchParameter[] all = [.. parameters];
        if (all.Length == 0) throw new ArgumentException("The space is empty: name at least one parameter to search over.");
        if (all.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new ArgumentException($"{twice.Key} is in the space twice.");
        _byName = all.ToDictionary(p => p.Name, StringComparer.Ordinal);
        foreach (SearchParameter parameter in all) Check(parameter);
        Parameters = Ordered(all);
        Size = Count(0, new Dictionary<string, string>());
    }

    /// <summary>All parameters, each behind those that it depends on; else as they were given.</summary>
    public IReadOnlyList<SearchParameter> Parameters { get; }

    /// <summary>How many configurations there are, as far as it's below <see cref="long.MaxValue"/>; null where they can't be counted.</summary>
    public long? Size { get; }

    /// <summary>A parameter by its name.</summary>
    public SearchParameter this[string name] => _byName[name];

    /// <summary>Those that always exist.</summary>
    public IEnumerable<SearchParameter> Unconditional => Parameters.Where(p => p.When.Count == 0);

    /// <summary>Every configuration of the grid: the last parameter changes fastest. Lazily, so a few can be taken of many.</summary>
    /// <exception cref="InvalidOperationException">A parameter has no grid.</exception>
    public IEnumerable<IReadOnlyDictionary<string, string>> Grid() => Grid(0, []);

    private IEnumerable<IReadOnlyDictionary<string, string>> Grid(int at, Dictionary<string, string> decided)
    {
        if (at == Parameters.Count)
        {
            yield return decided;
            yield break;
        }
        SearchParameter parameter = Parameters[at];
        IEnumerable<Dictionary<string, string>> next = !parameter.IsActive(decided) ? [decided]
            : (parameter.Domain.Grid ?? throw new InvalidOperationException($"{parameter.Name} has no grid.")).Select(value => new Dictionary<string, string>(decided) { [parameter.Name] = value });
        foreach (Dictionary<string, string> chosen in next)
            foreach (IReadOnlyDictionary<string, string> whole in Grid(at + 1, chosen)) yield return whole;
    }

    // Only what others depend on is gone through value by value.
    private long? Count(int at, Dictionary<string, string> decided)
    {
        if (at == Parameters.Count) return 1;
        SearchParameter parameter = Parameters[at];
        if (!parameter.IsActive(decided)) return Count(at + 1, decided);
        if (Parameters.Any(p => p.When.ContainsKey(parameter.Name)) && parameter.Domain is ChoiceDomain choice)
        {
            long sum = 0;
            foreach (string value in choice.Values)
            {
                if (Count(at + 1, new Dictionary<string, string>(decided) { [parameter.Name] = value }) is not { } part) return null;
                sum = sum > long.MaxValue - part ? long.MaxValue : sum + part;
            }
            return sum;
        }
        return parameter.Domain.Count is { } own && Count(at + 1, decided) is { } rest ? own > long.MaxValue / Math.Max(1, rest) ? long.MaxValue : own * rest : null;
    }

    private void Check(SearchParameter parameter)
    {
        foreach ((string parent, IReadOnlyList<string> values) in parameter.When)
        {
            if (!_byName.TryGetValue(parent, out SearchParameter? other)) throw new ArgumentException($"{parameter.Name} depends on {parent}, which isn't in the space. The space has {string.Join(", ", _byName.Keys)}.");
            if (other.Domain is not ChoiceDomain choice) throw new ArgumentException($"{parameter.Name} depends on {parent}, which is no choice: `when` names a parameter with `choice`.");
            if (values.FirstOrDefault(v => !choice.Values.Contains(v)) is { } stranger) throw new ArgumentException($"{parameter.Name} depends on {parent} being {stranger}, which it never is. It is one of {string.Join(", ", choice.Values)}.");
        }
    }

    private static List<SearchParameter> Ordered(SearchParameter[] all)
    {
        var ordered = new List<SearchParameter>();
        while (ordered.Count < all.Length)
        {
            SearchParameter next = all.FirstOrDefault(p => !ordered.Contains(p) && p.When.Keys.All(parent => ordered.Exists(o => o.Name == parent)))
                ?? throw new ArgumentException($"These depend on each other in a circle: {string.Join(", ", all.Except(ordered).Select(p => p.Name))}. Take one `when` away.");
            ordered.Add(next);
        }
        return ordered;
    }
}
