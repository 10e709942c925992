namespace LipSol.Search.Tests.Definitions;

public sealed class DefinitionReaderTests
{
    [Fact]
    public void A_definition_is_read_with_all_that_it_says()
    {
        SearchDefinition read = DefinitionReader.Read("""
            name: digits
            corpus: grid-digits
            method: tpe
            trials: 40
            parallel: 2
            seed: 7
            objective: { metric: val_loss, goal: min }
            space:
              freeze_epochs: { int: [1, 5], when: { freeze: [visual, encoder] } }
              network: { choice: [word-tcn, word-gru] }
              learning_rate: { float: [3e-4, 0.01], log: true }
              batch_size: { choice: [8, 16, 32] }
              freeze: { choice: [none, visual, encoder] }
            fixed: { epochs: 20, patience: 0 }
            asha: { min: 3, factor: 4 }
            failures: 5
            tpe: { startup: 8, candidates: 32, multivariate: false }
            run: { seed: 2, threads: 1, priority: 3, restarts: 0, keep: best, gpu_memory: 8GB, memory: 4GB, labels: [lab] }
            """);
        Assert.Equal(("digits", "grid-digits", (string?)null, SearchMethod.Tpe, (int?)40, (int?)2, 7L), (read.Name, read.Corpus, read.Network, read.Method, read.Trials, read.Parallel, read.Seed));
        Assert.Equal(("val_loss", false, 5), (read.Metric, read.Maximise, read.Failures));
        Assert.Equal(["network", "learning_rate", "batch_size", "freeze", "freeze_epochs"], read.Space.Parameters.Select(p => p.Name));
        Assert.Equal(new FloatDomain(3e-4, 0.01, Log: true), read.Space["learning_rate"].Domain);
        Assert.Equal(["8", "16", "32"], ((ChoiceDomain)read.Space["batch_size"].Domain).Values);
        Assert.Equal(["visual", "encoder"], read.Space["freeze_epochs"].When["freeze"]);
        Assert.Equal(("20", "0"), (read.Fixed["epochs"], read.Fixed["patience"]));
        Assert.Equal(new SuccessiveHalving(3, 4), read.Asha);
        Assert.Equal(new TpeSettings { Startup = 8, Candidates = 32, Multivariate = false }, read.Tpe);
        Assert.Equal((2L, 1, 3, 0, "best", true, "8GB", "4GB", "lab"), (read.Run.Seed, read.Run.Threads, read.Run.Priority, read.Run.Restarts, read.Run.Keep, read.Run.Gpu, read.Run.GpuMemory, read.Run.Memory, read.Run.Labels.Single()));
    }

    [Fact]
    public void JSON_is_read_as_well() =>
        Assert.Equal("a", DefinitionReader.Read("""{"name":"a","corpus":"c","network":"n","trials":3,"objective":{"metric":"m","goal":"max"},"space":{"x":{"float":[0,1]}}}""").Name);

    [Theory]
    // The line that is wrong, what takes its place, the line that is told, words of what is said.
    [InlineData("space:", "spaces:", 6, "the definition has no spaces")]
    [InlineData("  dropout: { float: [0, 0.5], step: 0.05 }", "  dropout: { float: [0.5, 0], step: 0.05 }", 8, "dropout goes from 0.5 to 0: the bounds are the wrong way round. Write `float: [0, 0.5]`.")]
    [InlineData("  dropout: { float: [0, 0.5], step: 0.05 }", "  dropout: { float: [0.5, 0.5] }", 8, "dropout can only be 0.5")]
    [InlineData("  dropout: { float: [0, 0.5], step: 0.05 }", "  dropout: { float: [0, .nan] }", 8, "where a number belongs")]
    [InlineData("  dropout: { float: [0, 0.5], step: 0.05 }", "  dropout: { float: [0, 0.5, 1] }", 8, "write `float: [low, high]`")]
    [InlineData("  dropout: { float: [0, 0.5], step: 0.05 }", "  dropout: { float: [0, 0.5], step: 0 }", 8, "above 0")]
    [InlineData("  dropout: { float: [0, 0.5], step: 0.05 }", "  dropout: { float: [0, 0.5], step: 0.7 }", 8, "longer than the way")]
    [InlineData("  dropout: { float: [0, 0.5], step: 0.05 }", "  dropout: { float: [0, 0.5], log: true }", 8, "begin above 0")]
    [InlineData("  dropout: { float: [0, 0.5], step: 0.05 }", "  dropout: { float: [0, 0.5], logarithmic: true }", 8, "dropout has no logarithmic. It has float, int, choice, log, step, points, when.")]
    [InlineData("  dropout: { float: [0, 0.5], step: 0.05 }", "  dropout: { step: 0.05 }", 8, "of no kind")]
    [InlineData("  dropout: { float: [0, 0.5], step: 0.05 }", "  dropout: { float: [0, 1], int: [0, 1] }", 8, "of several kinds")]
    [InlineData("  dropout: { float: [0, 0.5], step: 0.05 }", "  dropout: 0.5", 8, "dropout is made of lines")]
    [InlineData("  hidden: { int: [32, 160], step: 32 }", "  hidden: { int: [32, 64.5] }", 9, "64.5 isn't one")]
    [InlineData("  hidden: { int: [32, 160], step: 32 }", "  hidden: { int: [0, 160], log: true }", 9, "begin at 1 or more")]
    [InlineData("  hidden: { int: [32, 160], step: 32 }", "  hidden: { int: [160, 32] }", 9, "the wrong way round")]
    [InlineData("  freeze: { choice: [none, visual] }", "  freeze: { choice: [] }", 11, "a choice of nothing")]
    [InlineData("  freeze: { choice: [none, visual] }", "  freeze: { choice: [visual, visual] }", 11, "visual twice")]
    [InlineData("  freeze: { choice: [none, visual] }", "  freeze: { choice: [none, visual], log: true }", 11, "a choice, which has no log")]
    [InlineData("  freeze_epochs: { int: [1, 5], when: { freeze: visual } }", "  freeze_epochs: { int: [1, 5], when: { freez: visual } }", 12, "depends on freez, which isn't in the space")]
    [InlineData("  freeze_epochs: { int: [1, 5], when: { freeze: visual } }", "  freeze_epochs: { int: [1, 5], when: { freeze: all } }", 12, "which it never is. It is one of none, visual.")]
    [InlineData("  freeze_epochs: { int: [1, 5], when: { freeze: visual } }", "  freeze_epochs: { int: [1, 5], when: { layers: 3 } }", 12, "layers, which is no choice")]
    [InlineData("  freeze: { choice: [none, visual] }", "  freeze: { choice: [none, visual], when: { other: a } }\n  other: { choice: [a, b], when: { freeze: none } }", 7, "in a circle: freeze, other")]
    [InlineData("trials: 40", "trials: 0", 4, "trials is 0: give a whole number from 1 to 2000")]
    [InlineData("trials: 40", "trials: many", 4, "trials is many")]
    [InlineData("trials: 40", "", 1, "trials is missing")]
    [InlineData("trials: 40", "trials: 40\nmethod: bayes", 5, "method is bayes: it is one of grid, random, tpe")]
    [InlineData("trials: 40", "trials: 40\nname: again", 5, "no YAML")]
    [InlineData("objective: { metric: val_accuracy, goal: max }", "objective: { metric: val_accuracy, goal: up }", 5, "goal is up: it is one of max, min")]
    [InlineData("objective: { metric: val_accuracy, goal: max }", "objective: { metric: val_accuracy }", 5, "goal is missing")]
    [InlineData("objective: { metric: val_accuracy, goal: max }", "objective: { goal: max }", 5, "metric is missing")]
    [InlineData("network: word-tcn", "", 1, "network is missing")]
    [InlineData("name: mixed", "name: ../mixed", 1, "use letters, digits")]
    [InlineData("name: mixed", "name:", 1, "name has no value")]
    [InlineData("trials: 40", "trials: 40\nfixed: { dropout: 0 }", 5, "dropout is under `fixed` and in `space`")]
    [InlineData("trials: 40", "trials: 40\nasha: { factor: 1 }", 5, "factor is 1: give a whole number from 2")]
    [InlineData("trials: 40", "trials: 40\nasha: { eta: 3 }", 5, "asha has no eta. It has min, factor.")]
    [InlineData("trials: 40", "trials: 40\nmethod: random\ntpe: { startup: 3 }", 6, "tpe is set and the method is random")]
    [InlineData("corpus: grid-digits", "corpus: &a grid-digits", 2, "anchors (&) and aliases (*)")]
    [InlineData("corpus: grid-digits", "corpus: [[[[[[[[[[[[[[x]]]]]]]]]]]]]]", 2, "nested too deeply")]
    [InlineData("corpus: grid-digits", "corpus: {", 12, "no YAML")]
    [InlineData("corpus: grid-digits", "corpus: [a, b]", 2, "corpus has no value of its own")]
    public void Bad_input_is_told_with_its_line_and_what_to_do(string line, string instead, int told, string words)
    {
        SearchDefinitionException e = Assert.Throws<SearchDefinitionException>(() => DefinitionReader.Read(Texts.Mixed.Replace(line, instead, StringComparison.Ordinal)));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.Equal(told, e.Line);
    }

    [Theory]
    [InlineData("space:", "the space is empty")]
    [InlineData("space: {}", "the space is empty")]
    [InlineData("space: []", "space is made of lines")]
    public void An_empty_space_is_told(string space, string words)
    {
        string text = string.Join('\n', Texts.Mixed.Split('\n').Take(5).Append(space));
        SearchDefinitionException e = Assert.Throws<SearchDefinitionException>(() => DefinitionReader.Read(text));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.Equal(6, e.Line);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("just text", "the definition is made of lines")]
    [InlineData("a: 1\n---\nb: 2", "several YAML documents")]
    public void What_is_no_definition_is_told(string text, string words) => Assert.Contains(words, Assert.Throws<SearchDefinitionException>(() => DefinitionReader.Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_grid_that_has_no_end_says_what_is_missing()
    {
        string grid = Texts.Mixed.Replace("trials: 40", "method: grid", StringComparison.Ordinal);
        Assert.Contains("learning_rate: give it `step` or `points`", Assert.Throws<SearchDefinitionException>(() => DefinitionReader.Read(grid.Replace(", points: 3", "", StringComparison.Ordinal))).Message, StringComparison.Ordinal);
        Assert.Contains("more than 2000 configurations", Assert.Throws<SearchDefinitionException>(() => DefinitionReader.Read(grid)).Message, StringComparison.Ordinal);
        Assert.Equal(50, DefinitionReader.Read(grid.Replace("method: grid", "method: grid\ntrials: 50", StringComparison.Ordinal)).Trials);
    }

    [Fact]
    public void A_text_that_is_far_too_long_is_not_even_looked_at() => Assert.Throws<SearchDefinitionException>(() => DefinitionReader.Read(new string('[', 1 << 20)));
}
