namespace LipSol.Search;

/// <summary>A parameter that is searched over.</summary>
/// <param name="Name">Its name, as the network's parameters are called; <c>network</c> for the network itself.</param>
/// <param name="Domain">What it may be.</param>
/// <param name="When">It exists only where each of these other parameters (choices) has one of these values; empty: always.</param>
public sealed record SearchParameter(string Name, Domain Domain, IReadOnlyDictionary<string, IReadOnlyList<string>> When)
{
    /// <summary>A parameter that always exists.</summary>
    public SearchParameter(string name, Domain domain) : this(name, domain, new Dictionary<string, IReadOnlyList<string>>()) { }

    /// <summary>Whether it exists beside what is decided already.</summary>
    public bool IsActive(IReadOnlyDictionary<string, string> decided) => When.All(w => decided.TryGetValue(w.Key, out string? value) && w.Value.Contains(value));
}
