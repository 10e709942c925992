using System.Text.RegularExpressions;

namespace LipSol.Search.Tests.Definitions;

public sealed partial class DocumentTests
{
    [Fact]
    public void The_example_in_the_document_is_a_definition_that_uses_every_key()
    {
        string text = File.ReadAllText(RepositoryRoot.In("docs", "searches.md"));
        string example = Assert.Single(Block().Matches(text)).Groups["yaml"].Value;
        SearchDefinition read = DefinitionReader.Read(example);
        Assert.Equal(("digit-rates", 40, 6), (read.Name, read.Trials, read.Space.Parameters.Count));
        Assert.Equal(new SuccessiveHalving(3, 3), read.Asha);
        foreach (string key in new[] { "name", "corpus", "network", "method", "trials", "parallel", "seed", "objective", "space", "fixed", "asha", "failures", "tpe", "run" }) Assert.Matches($"(?m)^{key}:", example);
        // The defaults that it names are the defaults.
        Assert.Equal(new TpeSettings(), read.Tpe);
        Assert.Equal(new SearchDefinition { Name = "", Corpus = "", Metric = "", Maximise = true, Space = read.Space }.Failures, read.Failures);
    }

    [GeneratedRegex("```yaml\n(?<yaml>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
