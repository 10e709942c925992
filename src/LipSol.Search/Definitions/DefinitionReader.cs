namespace LipSol.Search;

/// <summary>Reads a search's definition: YAML, or JSON, which is YAML as well. docs/searches.md explains it by example.</summary>
public static class DefinitionReader
{
    private static readonly string[] Keys = ["name", "corpus", "network", "method", "trials", "parallel", "seed", "objective", "space", "fixed", "asha", "failures", "tpe", "run"];

    /// <summary>Reads and checks a definition.</summary>
    /// <exception cref="SearchDefinitionException">It can't be used.</exception>
    public static SearchDefinition Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fields = new YamlFields(YamlFields.Read(text), "the definition", Keys);
        SearchSpace space = SpaceReader.Read(fields.Node("space") ?? throw new SearchDefinitionException(fields.Line, "space is missing: say what is searched over, e.g. `space: { learning_rate: { float: [0.0005, 0.01], log: true } }`."));
        var objective = new YamlFields(fields.Node("objective") ?? throw new SearchDefinitionException(fields.Line, "objective is missing: write `objective: { metric: val_accuracy, goal: max }`."), "objective", "metric", "goal");
        SearchMethod method = Choice(fields, "method", SearchMethod.Tpe, ("grid", SearchMethod.Grid), ("random", SearchMethod.Random), ("tpe", SearchMethod.Tpe));
        objective.Required("goal", "max");
        var definition = new SearchDefinition
        {
            Name = Name(fields),
            Corpus = fields.Required("corpus", "my-corpus"),
            Network = fields.Text("network"),
            Method = method,
            Trials = (int?)fields.Whole("trials", 1, SearchSpace.MostTrials),
            Parallel = (int?)fields.Whole("parallel", 1, 1000),
            Seed = fields.Whole("seed", 0, long.MaxValue) ?? 1,
            Metric = objective.Required("metric", "val_accuracy"),
            Maximise = Choice(objective, "goal", false, ("max", true), ("min", false)),
            Space = space,
            Fixed = fields.Node("fixed") is { } fixedNode ? new YamlFields(fixedNode, "fixed").All.ToDictionary(f => f.Key, f => YamlFields.Scalar(f.Value, f.Key)) : new Dictionary<string, string>(),
            Asha = fields.Node("asha") is { } asha ? Halving(new YamlFields(asha, "asha", "min", "factor")) : null,
            Failures = (int)(fields.Whole("failures", 1, SearchSpace.MostTrials) ?? 3),
            Tpe = fields.Node("tpe") is { } tpe ? Tpe(new YamlFields(tpe, "tpe", "startup", "candidates", "multivariate")) : new TpeSettings(),
            Run = fields.Node("run") is { } run ? Run(new YamlFields(run, "run", "seed", "threads", "priority", "restarts", "keep", "gpu", "gpu_memory", "memory", "labels")) : new TrialRun(),
        };
        Check(definition, fields);
        return definition;
    }

    private static void Check(SearchDefinition definition, YamlFields fields)
    {
        SearchParameter? network = definition.Space.Parameters.FirstOrDefault(p => p.Name == "network");
        if (definition.Network is null && network is null) throw new SearchDefinitionException(fields.Line, "network is missing: write `network: word-tcn`, or search over it in `space`.");
        if (definition.Network is not null && network is not null) throw new SearchDefinitionException(fields.LineOf("network"), "network is given, and searched over in `space`: take one away.");
        if (network is not null and not { Domain: ChoiceDomain, When.Count: 0 }) throw new SearchDefinitionException(fields.LineOf("space"), "network in `space` is a choice, always there: write `network: { choice: [word-tcn, word-gru] }`.");
        if (definition.Space.Parameters.FirstOrDefault(p => definition.Fixed.ContainsKey(p.Name)) is { } both) throw new SearchDefinitionException(fields.LineOf("fixed"), $"{both.Name} is under `fixed` and in `space`: take one away.");
        if (definition.Fixed.ContainsKey("network")) throw new SearchDefinitionException(fields.LineOf("fixed"), "network is no parameter: write it as `network: word-tcn` at the margin.");
        if (definition.Method != SearchMethod.Tpe && fields.Has("tpe")) throw new SearchDefinitionException(fields.LineOf("tpe"), $"tpe is set and the method is {fields.Text("method")}: write `method: tpe`, or take `tpe` away.");
        if (definition.Method == SearchMethod.Grid) CheckGrid(definition, fields);
        else if (definition.Trials is null) throw new SearchDefinitionException(fields.Line, "trials is missing: say how many, e.g. `trials: 40`.");
    }

    private static void CheckGrid(SearchDefinition definition, YamlFields fields)
    {
        if (definition.Space.Parameters.FirstOrDefault(p => p.Domain.Grid is null) is { } endless)
            throw new SearchDefinitionException(fields.LineOf("space"), $"a grid can't go through all of {endless.Name}: give it `step` or `points`, or fewer values (at most {SearchSpace.MostTrials}).");
        if (definition.Trials is null && definition.Space.Grid().Skip(SearchSpace.MostTrials).Any())
            throw new SearchDefinitionException(fields.LineOf("space"), $"the grid has more than {SearchSpace.MostTrials} configurations: make it coarser, say how many are tried with `trials`, or write `method: tpe`.");
    }

    private static string Name(YamlFields fields)
    {
        string name = fields.Required("name", "learning-rates");
        return name.Length <= 64 && char.IsLetterOrDigit(name[0]) && name.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.') ? name
            : throw new SearchDefinitionException(fields.LineOf("name"), $"name is \"{name}\": use letters, digits, '-', '_' and '.', beginning with a letter or digit, at most 64.");
    }

    private static SuccessiveHalving Halving(YamlFields fields) => new((int)(fields.Whole("min", 1, 100_000) ?? 1), (int)(fields.Whole("factor", 2, 100) ?? 3));

    private static TpeSettings Tpe(YamlFields fields) => new()
    {
        Startup = (int)(fields.Whole("startup", 1, SearchSpace.MostTrials) ?? 10),
        Candidates = (int)(fields.Whole("candidates", 1, 1000) ?? 24),
        Multivariate = fields.Truth("multivariate") ?? true,
    };

    private static TrialRun Run(YamlFields fields) => new()
    {
        Seed = fields.Whole("seed", 0, long.MaxValue) ?? 1,
        Threads = (int)(fields.Whole("threads", 0, 1024) ?? 0),
        Priority = (int)(fields.Whole("priority", -1000, 1000) ?? 0),
        Restarts = (int)(fields.Whole("restarts", 0, 1000) ?? 3),
        Keep = fields.Text("keep"),
        Gpu = fields.Truth("gpu") ?? fields.Has("gpu_memory"),
        GpuMemory = fields.Text("gpu_memory"),
        Memory = fields.Text("memory"),
        Labels = fields.List("labels") ?? [],
    };

    private static T Choice<T>(YamlFields fields, string key, T otherwise, params (string Name, T Value)[] known)
    {
        if (fields.Text(key) is not { } text) return otherwise;
        foreach ((string name, T value) in known)
            if (name == text) return value;
        throw new SearchDefinitionException(fields.LineOf(key), $"{key} is {text}: it is one of {string.Join(", ", known.Select(k => k.Name))}.");
    }
}
