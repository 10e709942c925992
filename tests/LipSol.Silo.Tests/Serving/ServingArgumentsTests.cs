using System.CommandLine;
using LipSol.Silo.Node;
using LipSol.Silo.Serving;

namespace LipSol.Silo.Tests.Serving;

/// <summary>The node's options of how models are served.</summary>
public sealed class ServingArgumentsTests
{
    [Fact]
    public void What_is_given_goes_before_the_machines_choice() =>
        Assert.Equal(new ServingOptions { Passes = 3, Threads = 2, LargestBatch = 4, Delay = TimeSpan.FromMilliseconds(1.5), LongestWait = TimeSpan.FromMilliseconds(250) },
            Read("--serve-passes", "3", "--serve-threads", "2", "--serve-batch", "4", "--serve-delay-ms", "1.5", "--serve-wait-ms", "250"));

    [Fact]
    public void Nothing_given_leaves_all_to_the_machine() => Assert.Equal(new ServingOptions(), Read());

    [Theory]
    [InlineData("--serve-passes", "-1")]
    [InlineData("--serve-threads", "5000")]
    [InlineData("--serve-batch", "1000000000")]
    [InlineData("--serve-delay-ms", "-0.5")]
    [InlineData("--serve-wait-ms", "0")]
    public void What_is_out_of_range_is_told_with_the_range(string option, string value) =>
        Assert.Contains($"{option} is {value}. Give ", Assert.Throws<NodeStartException>(() => Read(option, value)).Message);

    private static ServingOptions Read(params string[] given)
    {
        var arguments = new NodeArguments();
        var command = new RootCommand();
        foreach (var option in arguments.All) command.Add(option);
        return ServingArguments.Read(arguments, command.Parse(given));
    }
}
