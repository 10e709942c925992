namespace LipSol.Pipelines;

/// <summary>What depends on what.</summary>
public static class StepGraph
{
    /// <summary>The steps that a step waits for, in the order in which it names them.</summary>
    public static IReadOnlyList<string> Needs(StepDefinition step)
    {
        var needs = new List<string>();
        if (StepKinds.Find(step.Kind) is { } kind)
        {
            foreach (SettingRule rule in kind.Settings)
            {
                if (rule.Type == SettingType.Step && step.Text(rule.Name) is { } one) needs.Add(one);
                if (rule.Type == SettingType.Steps) needs.AddRange(step.List(rule.Name));
            }
        }
        return [.. needs.Concat(step.After).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Each step after all that it needs; steps that don't depend on each other in the order in which they were written. Steps in a circle, and what waits for them, are left out.</summary>
    public static IReadOnlyList<StepDefinition> InOrder(IReadOnlyList<StepDefinition> steps)
    {
        var ordered = new List<StepDefinition>();
        var placed = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            StepDefinition? next = steps.FirstOrDefault(s => !placed.Contains(s.Name) && Needs(s).All(placed.Contains));
            if (next is null) return ordered;
            placed.Add(next.Name);
            ordered.Add(next);
        }
    }

    /// <summary>The first circle, as <c>a, b, a</c>: each needs the next; empty where there's none.</summary>
    public static IReadOnlyList<string> Circle(IReadOnlyList<StepDefinition> steps)
    {
        Dictionary<string, StepDefinition> byName = steps.GroupBy(s => s.Name).ToDictionary(g => g.Key, g => g.First());
        var open = new List<string>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (StepDefinition step in steps)
            if (From(step.Name) is { Count: > 0 } circle) return circle;
        return [];

        List<string> From(string name)
        {
            if (done.Contains(name) || !byName.TryGetValue(name, out StepDefinition? step)) return [];
            if (open.IndexOf(name) is >= 0 and var begin) return [.. open.Skip(begin), name];
            open.Add(name);
            foreach (string need in Needs(step))
                if (From(need) is { Count: > 0 } circle) return circle;
            open.RemoveAt(open.Count - 1);
            done.Add(name);
            return [];
        }
    }

    /// <summary>How many steps lie before a step on its longest way: its place from the left in a picture.</summary>
    public static IReadOnlyDictionary<string, int> Depths(IReadOnlyList<StepDefinition> steps)
    {
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (StepDefinition step in InOrder(steps)) depths[step.Name] = Needs(step).Select(n => depths[n] + 1).DefaultIfEmpty(0).Max();
        return depths;
    }
}
