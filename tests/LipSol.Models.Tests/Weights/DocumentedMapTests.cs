using LipSol.Clips;
using LipSol.Models.Networks;
using LipSol.Models.Weights;

namespace LipSol.Models.Tests.Weights;

/// <summary>The mapping that the documentation shows.</summary>
public sealed class DocumentedMapTests
{
    private static readonly Dictionary<string, string> Sizes = new() { ["front"] = "64", ["width"] = "64" };

    [Theory]
    [InlineData("trunk.layer1.0.conv1.weight", "64,64,3,3")]
    [InlineData("trunk.layer1.0.bn1.running_mean", "64")]
    [InlineData("trunk.layer1.0.relu1.weight", "64")]
    [InlineData("trunk.layer1.0.conv2.weight", "64,64,3,3")]
    [InlineData("trunk.layer1.0.bn2.bias", "64")]
    [InlineData("trunk.layer2.0.conv1.weight", "128,64,3,3")]
    public void Each_weight_of_the_example_has_its_place_in_the_network(string name, string shape)
    {
        var network = NetworkRegistry.Create("char-tcn", Sizes, new InputSpec { Frames = 10, Resize = 48, Size = 44, Mean = 0, StandardDeviation = 1, MarksWord = false, LongestClip = 10 }, 5);
        var map = WeightMap.Parse(Yaml());
        Assert.Equal(shape, string.Join(',', network.state_dict()[map.NameOf(name)!].shape));
        Assert.Null(map.NameOf("tcn.0.weight"));
    }

    private static string Yaml() => File.ReadAllText(RepositoryRoot.In("docs", "pretraining.md")).Split("```yaml\n")[1].Split("```")[0];
}
