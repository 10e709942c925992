namespace LipSol.Search;

/// <summary>
/// Proposes what the next trial tries. A proposal follows from the search's seed, the trial's number and the trials before it with the results that were known, in whatever order these became known:
/// asked again with the same, it's the same.
/// </summary>
public abstract class Sampler
{
    private const int Redraws = 64;

    private readonly SearchSpace _space;
    private readonly long _seed;

    private protected Sampler(SearchSpace space, long seed) => (_space, _seed) = (space, seed);

    /// <summary>The sampler that a definition asks for.</summary>
    public static Sampler Of(SearchDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return definition.Method switch
        {
            SearchMethod.Grid => new GridSampler(definition.Space, definition.Seed),
            SearchMethod.Random => new RandomSampler(definition.Space, definition.Seed),
            _ => new TpeSampler(definition.Space, definition.Seed, definition.Maximise, definition.Tpe),
        };
    }

    /// <summary>What trial <paramref name="number"/> tries; null where every configuration has been tried. No configuration is proposed twice as long as there are others.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="earlier">The trials before it, in any order.</param>
    public virtual IReadOnlyDictionary<string, string>? Propose(int number, IReadOnlyList<PastTrial> earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        HashSet<string> tried = [.. earlier.Select(t => Key(t.Parameters))];
        if (_space.Size is { } size && tried.Count >= size) return null;
        PastTrial[] ordered = [.. earlier.OrderBy(t => t.Number)];
        for (int attempt = 0; attempt < Redraws; attempt++)
            if (Draw(new SeededStream(_seed, number, attempt), ordered) is var drawn && !tried.Contains(Key(drawn))) return drawn;
        // Nearly all of a small space is tried, or what the sampler likes is.
        if (_space.Size is <= SearchSpace.MostTrials)
        {
            IReadOnlyDictionary<string, string>[] left = [.. _space.Grid().Where(c => !tried.Contains(Key(c)))];
            return left[new SeededStream(_seed, number, Redraws).Below(left.Length)];
        }
        return RandomSampler.Draw(_space, new SeededStream(_seed, number, Redraws));
    }

    /// <summary>One draw.</summary>
    private protected abstract Dictionary<string, string> Draw(SeededStream stream, IReadOnlyList<PastTrial> earlier);

    private protected static string Key(IReadOnlyDictionary<string, string> parameters) => string.Join('\n', parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"));
}

/// <summary>Each parameter by itself, evenly on its scale.</summary>
public sealed class RandomSampler(SearchSpace space, long seed) : Sampler(space, seed)
{
    private readonly SearchSpace _space = space;

    private protected override Dictionary<string, string> Draw(SeededStream stream, IReadOnlyList<PastTrial> earlier) => Draw(_space, stream);

    internal static Dictionary<string, string> Draw(SearchSpace space, SeededStream stream)
    {
        var drawn = new Dictionary<string, string>();
        foreach (SearchParameter parameter in space.Parameters)
            if (parameter.IsActive(drawn)) drawn[parameter.Name] = parameter.Domain.Format(stream.Between(parameter.Domain.Low, parameter.Domain.High));
        return drawn;
    }
}

/// <summary>Every configuration once, in the order of <see cref="SearchSpace.Grid()"/>.</summary>
public sealed class GridSampler(SearchSpace space, long seed) : Sampler(space, seed)
{
    private readonly SearchSpace _space = space;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string>? Propose(int number, IReadOnlyList<PastTrial> earlier) => _space.Grid().Skip(number - 1).FirstOrDefault();

    private protected override Dictionary<string, string> Draw(SeededStream stream, IReadOnlyList<PastTrial> earlier) => throw new NotSupportedException();
}
