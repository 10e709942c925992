using LipSol.Models.Samples;

namespace LipSol.Models.Tests.Samples;

public class ShuffledLabelsTests
{
    [Fact]
    public void Every_word_gets_every_label_equally_often()
    {
        var labels = Enumerable.Range(0, 48 * 12).Select(i => i % 12).ToArray();
        var shuffled = ShuffledLabels.Of(labels, 12, new SeededRandom(1, 2));
        for (var word = 0; word < 12; word++)
            for (var label = 0; label < 12; label++)
                Assert.Equal(4, Enumerable.Range(0, labels.Length).Count(i => labels[i] == word && shuffled[i] == label));
        Assert.Equal(shuffled, ShuffledLabels.Of(labels, 12, new SeededRandom(1, 2)));
        Assert.NotEqual(shuffled, ShuffledLabels.Of(labels, 12, new SeededRandom(2, 2)));
    }
}
