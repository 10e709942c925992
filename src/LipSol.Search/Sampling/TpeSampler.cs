namespace LipSol.Search;

/// <summary>How the tree-structured Parzen estimator is set; the defaults are Optuna's.</summary>
public sealed record TpeSettings
{
    /// <summary>Results that must be known before it's used; until then proposals are random.</summary>
    public int Startup { get; init; } = 10;

    /// <summary>Candidates that are drawn for a proposal.</summary>
    public int Candidates { get; init; } = 24;

    /// <summary>The parameters that always exist are modelled together; otherwise each by itself.</summary>
    public bool Multivariate { get; init; } = true;
}

/// <summary>
/// The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio, Kégl: Algorithms for Hyper-Parameter Optimization, NIPS 2011): two densities, one of the best results and one of the others; of candidates drawn
/// from the first, the one with the largest ratio. Several parameters at once as in Falkner, Klein, Hutter: BOHB, ICML 2018. How the best are told from the others, and how trials that were stopped early count (behind all that
/// completed; those that came further first), is Optuna's.
/// </summary>
public sealed class TpeSampler(SearchSpace space, long seed, bool maximise, TpeSettings settings) : Sampler(space, seed)
{
    private const double BestShare = 0.1;
    private const int MostBest = 25;

    private readonly SearchSpace _space = space;

    private protected override Dictionary<string, string> Draw(SeededStream stream, IReadOnlyList<PastTrial> earlier)
    {
        PastTrial[] known = [.. earlier.Where(t => t.Result is { } result && double.IsFinite(result.Objective))];
        if (known.Length < settings.Startup) return RandomSampler.Draw(_space, stream);
        HashSet<int> best = [.. known.OrderBy(t => t.Result!.Value.Completed ? 0 : 1).ThenByDescending(t => t.Result!.Value.Completed ? 0 : t.Result!.Value.Values)
            .ThenBy(t => maximise ? -t.Result!.Value.Objective : t.Result!.Value.Objective).ThenBy(t => t.Number)
            .Take(Math.Min((int)Math.Ceiling(BestShare * known.Length), MostBest)).Select(t => t.Number)];

        var drawn = new Dictionary<string, string>();
        if (settings.Multivariate) Decide([.. _space.Unconditional], known, best, stream, drawn);
        foreach (SearchParameter parameter in _space.Parameters)
            if (!drawn.ContainsKey(parameter.Name) && parameter.IsActive(drawn)) Decide([parameter], known, best, stream, drawn);
        return drawn;
    }

    private void Decide(SearchParameter[] parameters, PastTrial[] known, HashSet<int> best, SeededStream stream, Dictionary<string, string> drawn)
    {
        if (parameters.Length == 0) return;
        Domain[] domains = [.. parameters.Select(p => p.Domain)];
        double[] Places(PastTrial trial) => [.. parameters.Select(p => p.Domain.Place(trial.Parameters[p.Name]))];
        // Of a parameter that exists under a condition, only the trials that had it say something.
        PastTrial[] having = [.. known.Where(t => parameters.All(p => t.Parameters.ContainsKey(p.Name)))];
        var good = new ParzenEstimator(domains, [.. having.Where(t => best.Contains(t.Number)).Select(Places)]);
        var others = new ParzenEstimator(domains, [.. having.Where(t => !best.Contains(t.Number)).Select(Places)]);
        (double[] Places, double Ratio) chosen = ([], double.NegativeInfinity);
        for (int i = 0; i < settings.Candidates; i++)
        {
            double[] candidate = good.Draw(stream);
            double ratio = good.LogDensity(candidate) - others.LogDensity(candidate);
            if (ratio > chosen.Ratio || chosen.Places.Length == 0) chosen = (candidate, ratio);
        }
        for (int d = 0; d < parameters.Length; d++) drawn[parameters[d].Name] = parameters[d].Domain.Format(chosen.Places[d]);
    }
}
