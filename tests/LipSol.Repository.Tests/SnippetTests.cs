using System.Text.RegularExpressions;
using LipSol.Client;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace LipSol.Repository.Tests;

public sealed partial class SnippetTests
{
    [Fact]
    public void The_notebook_lines_in_the_README_compile_against_the_client()
    {
        var snippets = Snippet().Matches(RepositoryFiles.Read("README.md")).Select(m => m.Groups["code"].Value).ToList();
        Assert.NotEmpty(snippets);
        var options = ScriptOptions.Default.WithReferences(typeof(LipSolClient).Assembly, typeof(Console).Assembly)
            .WithImports("System", "System.Collections.Generic", "System.Linq", "System.Threading.Tasks");
        foreach (var snippet in snippets)
            Assert.Empty(CSharpScript.Create(snippet, options).Compile(TestContext.Current.CancellationToken).Where(d => d.Severity == DiagnosticSeverity.Error));
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
