using System.Security.Cryptography;
using System.Text;

namespace LipSol.Repository.Tests;

/// <summary>Nodes whose messages differ don't share a cluster: they are told apart by a number.</summary>
public sealed class ContractVersionTests
{
    /// <summary>The hash of what the committed OrleansContracts.txt list, and the number that goes with it.</summary>
    private const string Messages = "31f0d81c3c9ce47c", Number = "public const int Current = 1;";

    [Fact]
    public void Messages_that_changed_have_another_number()
    {
        var lines = new[] { "LipSol.Contracts", "LipSol.Grains" }
            .SelectMany(project => File.ReadLines(Path.Combine(RepositoryFiles.Root, "src", project, "OrleansContracts.txt")).Where(line => line.Length > 0 && line[0] != '#'));
        var found = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))))[..16];
        Assert.Contains(Number, File.ReadAllText(Path.Combine(RepositoryFiles.Root, "src", "LipSol.Contracts", "ContractVersion.cs")));
        Assert.True(found == Messages, $"The messages between nodes are {found} now. Raise ContractVersion.Current, unless no version with the number it has was released; then write {found} and the number into this test.");
    }
}
