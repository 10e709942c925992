namespace LipSol.Inference.Tests.Serving;

public sealed class ServingChoiceTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 1)]
    [InlineData(4, 4, 1)]
    [InlineData(7, 4, 1)]
    [InlineData(64, 4, 16)]
    public void A_CPU_computes_a_pass_on_each_processor_and_few_passes_share_many(int processors, int passes, int threads)
    {
        var choice = ServingChoice.For("cpu", processors);
        Assert.Equal((passes, threads, TimeSpan.Zero), (choice.Passes, choice.Threads, choice.Delay));
    }

    [Fact]
    public void A_GPU_is_given_more_at_once_and_the_next_while_it_computes() =>
        Assert.Equal(new ServingChoice(2, 1, 32, TimeSpan.FromMilliseconds(2)), ServingChoice.For("cuda:0", 64));
}
