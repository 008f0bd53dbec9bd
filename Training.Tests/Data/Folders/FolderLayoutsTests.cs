using System.Globalization;
using System.Text;
using Training.Core.Data;
using Training.Core.Data.Folders;

namespace Training.Tests.Data.Folders;

/// <summary>Layouts that people's datasets have: each read as a careful person would, or asked about.</summary>
public sealed class FolderLayoutsTests
{
    private const string Cats = "고양이", Dogs = "강아지";
    private static readonly string CatsApart = Cats.Normalize(NormalizationForm.FormD), DogsApart = Dogs.Normalize(NormalizationForm.FormD);

    /// <summary>Name, folders with the number of images in each, classes with train/val/test, and what has to be said.</summary>
    public static TheoryData<string, string, string, string?> Sure { get; } = new()
    {
        { "Intel",
            "seg_train/seg_train/sea*3|seg_train/seg_train/ice*3|seg_test/seg_test/sea*2|seg_test/seg_test/ice*1|seg_pred/seg_pred*4",
            "ice 3/0/1, sea 3/0/2", "seg_pred: Holds 4 images without class folders" },
        { "images", Both("train_images", "test_images"), "cat 3/0/2, dog 3/0/2", null },
        { "dev", Both("train", "dev"), "cat 3/2/0, dog 3/2/0", null },
        { "Korean", Both("학습", "검증"), "cat 3/2/0, dog 3/2/0", null },
        { "Korean, longer", Both("학습용 데이터", "평가데이터"), "cat 3/2/0, dog 3/2/0", null },
        { "Korean, three", Both("훈련", "검증") + "|시험/cat*1|시험/dog*1", "cat 3/2/1, dog 3/2/1", null },
        { "AI-Hub", Both("1.Training", "2.Validation"), "cat 3/2/0, dog 3/2/0", null },
        { "AI-Hub with labels", Both("1.Training/원천데이터", "2.Validation/원천데이터") + "|1.Training/라벨링데이터/cat*0 a.json", "cat 3/2/0, dog 3/2/0",
            null },
        { "data", Both("train_data", "val_data"), "cat 3/2/0, dog 3/2/0", null },
        { "upper", Both("TRAIN", "VAL"), "cat 3/2/0, dog 3/2/0", null },
        { "eval", Both("train", "eval"), "cat 3/2/0, dog 3/2/0", null },
        { "eval beside val", Both("train", "val") + "|evaluation/cat*1|evaluation/dog*1", "cat 3/2/1, dog 3/2/1", null },
        { "short", Both("Training", "Vali"), "cat 3/2/0, dog 3/2/0", null },
        { "holdout", Both("train", "holdout"), "cat 3/2/0, dog 3/2/0", null },
        { "hold-out", Both("train", "Hold-Out Set"), "cat 3/2/0, dog 3/2/0", null },
        { "glued", Both("trainset", "testset"), "cat 3/0/2, dog 3/0/2", null },
        { "years", Both("train2017", "val2017"), "cat 3/2/0, dog 3/2/0", null },
        { "FER", Both("Training", "PublicTest") + "|PrivateTest/cat*1|PrivateTest/dog*1", "cat 3/0/3, dog 3/0/3", null },
        { "Japanese", Both("学習データ", "検証データ"), "cat 3/2/0, dog 3/2/0", null },
        { "Chinese", Both("训练集", "测试集"), "cat 3/0/2, dog 3/0/2", null },
        { "Spanish", Both("entrenamiento", "validación"), "cat 3/2/0, dog 3/2/0", null },
        { "Russian", Both("обучение", "тест"), "cat 3/0/2, dog 3/0/2", null },
        { "wrapped twice", Both("train/train/train", "valid/images/data") + "|test/test/cat*1|test/test/dog*1", "cat 3/2/1, dog 3/2/1",
            null },
        { "deep", Both("dataset/images/train", "dataset/images/val"), "cat 3/2/0, dog 3/2/0", null },
        { "splits beside a README", Both("train", "val") + "|.*0 README.md|.git*2", "cat 3/2/0, dog 3/2/0", "README.md: Is not an image" },
        { "only train", "train/cat*3|train/dog*2", "cat 3/0/0, dog 2/0/0", null },
        { "class first", "cat/train*3|cat/val*2|dog/train*3|dog/val*1", "cat 3/2/0, dog 3/1/0", null },
        { "class first in Korean", "cat/학습*3|cat/시험*2|dog/학습*3|dog/시험*1", "cat 3/0/2, dog 3/0/1", null },
        { "class first, one not split", "cat/train*3|cat/val*2|dog/train*3|dog/val*1|owl*4", "cat 3/2/0, dog 3/1/0, owl 4/0/0",
            "“owl” is in train but not in the val split" },
        { "class first, more beside", "cat/train*3|cat/val*2|cat/old*2|dog/train*3|dog/val*1", "cat 3/2/0, dog 3/1/0",
            "cat/old: Lies beside the split folders" },
        { "test without labels", "train/cat*3|train/dog*3|test*5", "cat 3/0/0, dog 3/0/0",
            "test: Holds 5 images without class folders, so they have no labels; they are not used." },
        { "test1 without labels", "train/cat*3|train/dog*3|test1*1", "cat 3/0/0, dog 3/0/0",
            "test1: Holds 1 image without a class folder" },
        { "test in one folder", "train/cat*3|train/dog*3|test/images*5", "cat 3/0/0, dog 3/0/0",
            "test: Holds 5 images without class folders" },
        { "test as Keras wants it", "train/cat*3|train/dog*3|val/cat*1|val/dog*1|test/unknown*5", "cat 3/1/0, dog 3/1/0",
            "test: Holds 5 images without class folders" },
        { "class named train", "car*3|train*3|bus*3", "bus 3/0/0, car 3/0/0, train 3/0/0", null },
        { "split and folders of something else", "train/cat*9|train/dog*9|val/cat*2|val/dog*2|docs*1", "cat 9/2/0, dog 9/2/0",
            "docs: Lies beside the split folders" },
        { "more of one class beside", "train/cat*3|train/dog*3|extra/cat*2", "cat 3/0/0, dog 3/0/0",
            "extra: Lies beside the split folders" },
        { "NFC and NFD", $"train/{Cats}*3|train/{Dogs}*3|val/{CatsApart}*2|val/{DogsApart}*1", $"{Dogs} 3/1/0, {Cats} 3/2/0",
            "Class folders are written differently in different places" },
        { "NFC and NFD side by side", $"{Cats}*3|{Dogs}*3|{DogsApart}*2", $"{Dogs} 5/0/0, {Cats} 3/0/0",
            $"“{Dogs}” is there in several folders" },
        { "NFD everywhere", $"train/{CatsApart}*3|train/{DogsApart}*3|val/{CatsApart}*2|val/{DogsApart}*1", $"{Dogs} 3/1/0, {Cats} 3/2/0",
            null },
        { "case", "train/Cat*3|train/dog*3|val/cat*2|val/dog*1", "Cat 3/2/0, dog 3/1/0",
            "written differently in different places: “cat” and “Cat”" },
        { "full width", "train/cat*3|train/dog*3|val/ｃａｔ*2|val/dog*1", "cat 3/2/0, dog 3/1/0", "“ｃａｔ” and “cat”" },
        { "blank", "train/cat *3|train/dog*3|val/cat*2|val/dog*1", "cat 3/2/0, dog 3/1/0", "“cat” (blanks or composed letters)" },
        { "blank everywhere", "cat *3|dog*3", "cat 3/0/0, dog 3/0/0", null },
        { "GitHub's zip", "repo-main/cat*3|repo-main/dog*3|.*0 LICENSE", "cat 3/0/0, dog 3/0/0",
            "LICENSE: Lies beside the folder “repo-main”, which is read as the dataset" },
        { "a checkout",
            "repo-main/data/train/cat*3|repo-main/data/train/dog*3|repo-main/.github*0 a.yml|repo-main/src*0 a.py|repo-main*0 README.md",
            "cat 3/0/0, dog 3/0/0", "repo-main/src: Holds no image and lies beside the folder “data”" },
        { "images and a table", "images/cat*3|images/dog*3|.*0 labels.csv", "cat 3/0/0, dog 3/0/0",
            "labels.csv: Lies beside the folder “images”" },
        { "images and an empty folder", "images/cat*3|images/dog*3|models*0", "cat 3/0/0, dog 3/0/0", null },
        { "an empty class beside a class of breeds", "cat/siamese*3|cat/persian*3|dog*0", "cat 6/0/0, dog 0/0/0",
            "The class “dog” has no usable image" },
        { "breeds", "cat/siamese*3|cat/persian*3|dog/poodle*3|dog/beagle*3", "cat 6/0/0, dog 6/0/0", null },
        { "class and split in one name", "cats_train*3|cats_test*2|train-dogs*3|test-dogs*1", "cats 3/0/2, dogs 3/0/1", null },
        { "breeds by year", "cat/2021/siamese*2|cat/2021/persian*2|cat/2022*2|dog/2019/poodle*2|dog/2020/beagle*2", "cat 6/0/0, dog 4/0/0",
            null },
        { "a class with a test series", "cat/2021/test/a*2|cat/2021/test/b*2|dog/2021*3", "cat 4/0/0, dog 3/0/0", null },
        { "splits around classes with splits in them",
            "train/vehicle/train/steam*2|train/vehicle/train/diesel*2|train/cat*3|val/vehicle*2|val/cat*2",
            "cat 3/2/0, vehicle 4/2/0", null },
        { "nested", "cat/a/b*3|cat*3|dog/a/b*3|dog*3", "cat 6/0/0, dog 6/0/0", null },
        { "digits", "train/0*3|train/1*3|train/10*3|val/0*1|val/1*1|val/10*1", "0 3/1/0, 1 3/1/0, 10 3/1/0", null },
        { "litter",
            "cat*3|dog*3|cat/@eaDir/000.png*3|.ipynb_checkpoints*1|#recycle/cat*2|$RECYCLE.BIN*2|lost+found*1|System Volume "
                + "Information*1|dog*0 Icon\r", "cat 3/0/0, dog 3/0/0",
                "7 files and folders are ignored that systems and programs leave behind" },
    };

    /// <summary>Name, folders, and each layout that is offered with what it would give.</summary>
    public static TheoryData<string, string, string> Unsure { get; } = new()
    {
        { "colours", "color/cat*3|color/dog*3|grayscale/cat*3|grayscale/dog*3|segmented/cat*3|segmented/dog*3",
            "classes: color 6/0/0, grayscale 6/0/0, segmented 6/0/0; merged: cat 9/0/0, dog 9/0/0; val=segmented: cat 6/3/0, dog 6/3/0; "
                + "in=color: cat 3/0/0, dog 3/0/0" },
        { "folds", Both("fold1", "fold2"),
            "classes: fold1 6/0/0, fold2 4/0/0; merged: cat 5/0/0, dog 5/0/0; val=fold2: cat 3/2/0, dog 3/2/0; in=fold1: cat 3/0/0, dog "
                + "3/0/0" },
        { "whole datasets", Both("color/train", "color/val") + "|" + Both("grey/train", "grey/val"),
            "in=color: cat 3/2/0, dog 3/2/0; in=grey: cat 3/2/0, dog 3/2/0; classFirst: color 6/4/0, grey 6/4/0; classes: color 10/0/0, "
                + "grey 10/0/0" },
        { "datasets that are called otherwise",
            $"{Insects("hymenoptera", "train", "val")}|{Apes("monkeys10", "training", "validation")}|cats*4",
            "in=hymenoptera: ants 3/2/0, bees 3/2/0; in=monkeys10: n0 4/1/0, n1 4/1/0; classFirst: cats 4/0/0, hymenoptera 6/4/0, "
                + "monkeys10 8/2/0; classes: cats 4/0/0, hymenoptera 10/0/0, monkeys10 10/0/0" },
        { "datasets as their archives unpack",
            $"{Insects("hymenoptera/hymenoptera_data", "train", "val")}|"
                + $"{Apes("monkeys10/archive", "training/training", "validation/validation")}|cats*4",
            "in=hymenoptera: ants 3/2/0, bees 3/2/0; in=monkeys10: n0 4/1/0, n1 4/1/0; classes: cats 4/0/0, hymenoptera 10/0/0, "
                + "monkeys10 10/0/0" },
        { "one as its archive unpacks, one not",
            $"{Insects("hymenoptera/hymenoptera_data", "train", "val")}|{Apes("monkeys10", "training", "validation")}",
            "in=hymenoptera: ants 3/2/0, bees 3/2/0; in=monkeys10: n0 4/1/0, n1 4/1/0; classFirst: hymenoptera 10/0/0, monkeys10 8/2/0; "
                + "classes: hymenoptera 10/0/0, monkeys10 10/0/0" },
        { "shelves of datasets", $"{Insects("small/hymenoptera", "train", "val")}|{Apes("small/monkeys10", "train", "val")}|large/cats*4",
            "in=small/hymenoptera: ants 3/2/0, bees 3/2/0; in=small/monkeys10: n0 4/1/0, n1 4/1/0; classes: large 4/0/0, small 20/0/0" },
        { "classes named as splits", "test*3|train*3|val*3", "classes: test 3/0/0, train 3/0/0, val 3/0/0; splits:" },
        { "labels in names", "train*0 cat.0.jpg cat.1.jpg dog.0.jpg dog.1.jpg|test1*3", "classes: test1 3/0/0, train 4/0/0; splits:" },
        { "a part that says nothing", Both("train", "part2"),
            "val=part2: cat 3/2/0, dog 3/2/0; splits: cat 3/0/0, dog 3/0/0; merged: cat 5/0/0, dog 5/0/0; classes: part2 4/0/0, train "
                + "6/0/0" },
        { "vehicles", "train/steam*3|train/diesel*3|car*3|bus*3",
            "splits: diesel 3/0/0, steam 3/0/0; classes: bus 3/0/0, car 3/0/0, train 6/0/0" },
        { "case in one split", "Cat*3|cat*2|dog*3", "alike=one: Cat 5/0/0, dog 3/0/0; alike=apart: Cat 3/0/0, cat 2/0/0, dog 3/0/0" },
        { "width in one split", "train/cat*3|train/ｃａｔ*2|train/dog*3",
            "alike=one: cat 5/0/0, dog 3/0/0; alike=apart: cat 3/0/0, dog 3/0/0, ｃａｔ 2/0/0" },
    };

    /// <summary>Name, folders, and the one sentence that says what can't be read and what to do.</summary>
    public static TheoryData<string, string, string> Unreadable { get; } = new()
    {
        { "labels in a table", "train_images*4|.*0 train.csv",
            "Holds 4 images without class folders, so they have no labels; they are not used to train. The labels seem to be in train.csv" },
        { "labels in names", ".*0 cat.0.jpg cat.1.jpg dog.0.jpg dog.1.jpg",
            "no images in class folders here. The labels seem to be in the files' names (cat, dog)" },
        { "boxes", "train/images*4|train/labels*0 000.txt|val/images*2|val/labels*0",
            "to train. “labels” beside them says that this set is made for finding objects" },
        { "nothing", ".*0", "There are no images in class folders here. Put JPEG" },
        { "folders in names", ".*0 train\\cat\\0.jpg train\\dog\\0.jpg",
            "2 files have Windows' folders in their names (“train\\cat\\0.jpg”), because the program that unpacked them made none. Unpack "
                + "the zip again with unzip" },
    };

    [Theory]
    [MemberData(nameof(Sure))]
    public void Scan_LayoutThatIsClear_IsRead(string name, string folders, string classes, string? said)
    {
        using var photos = Build(folders);

        var scan = photos.Scan();

        Assert.Null(scan.Question);
        Assert.Equal((name, classes), (name, Classes(scan)));
        if (said is null)
            Assert.DoesNotContain(scan.Problems, problem =>
                !problem.Message.StartsWith("Is not an image", StringComparison.Ordinal)
                && !problem.Message.Contains("leave behind", StringComparison.Ordinal)
                && !problem.Message.StartsWith("Lies beside", StringComparison.Ordinal)
                && !problem.Message.StartsWith("Holds no image", StringComparison.Ordinal));
        else Assert.Single(scan.Problems, problem => $"{problem.Path}: {problem.Message}".Contains(said, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Unsure))]
    public void Scan_LayoutThatIsNotClear_AsksAndShowsWhatEachWayGives(string name, string folders, string readings)
    {
        using var photos = Build(folders);

        var scan = photos.Scan();

        var offered = scan.Question!.Readings!;
        Assert.Empty(scan.Samples);
        Assert.Equal((name, readings), (name, string.Join("; ", offered.Select(reading =>
            $"{reading.Layout}: {string.Join(", ", reading.Classes.Select(each => $"{each.Name} {each.Train}/{each.Val}/{each.Test}"))}".TrimEnd()))));
        foreach (var reading in offered.Where(reading => reading.ClassCount > 0))
        {
            var read = ImageFolder.Scan(photos.Root, layout: LayoutChoice.Parse(reading.Layout));
            Assert.Null(read.Question);
            Assert.Equal(string.Join(", ", reading.Classes.Select(each => $"{each.Name} {each.Train}/{each.Val}/{each.Test}")),
                Classes(read));
        }
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void Scan_LayoutThatCanNotBeRead_SaysWhyAndWhatToDo(string name, string folders, string said)
    {
        using var photos = Build(folders);

        var scan = photos.Scan();

        Assert.Empty(scan.Samples);
        var error = Assert.Single(scan.Problems, problem => problem.Severity == ProblemSeverity.Error);
        Assert.True($"{error.Message} {error.Remedy}".Contains(said, StringComparison.Ordinal), $"{name}: {error}");
    }

    private static string Insects(string root, string train, string val) =>
        $"{root}/{train}/ants*3|{root}/{train}/bees*3|{root}/{val}/ants*2|{root}/{val}/bees*2";

    private static string Apes(string root, string train, string val) =>
        $"{root}/{train}/n0*4|{root}/{train}/n1*4|{root}/{val}/n0*1|{root}/{val}/n1*1";

    private static string Both(string train, string val) => $"{train}/cat*3|{train}/dog*3|{val}/cat*2|{val}/dog*2";

    private static string Classes(DatasetScan scan)
    {
        var counts = scan.Outline("").Counts;
        return string.Join(", ", scan.Classes.Select((each, label) => $"{each} {counts[label, 0]}/{counts[label, 1]}/{counts[label, 2]}"));
    }

    /// <summary>"folder*images", or "folder*0 file file" for files that aren't numbered; jpg ones are images.</summary>
    private static PhotoFolder Build(string folders)
    {
        var photos = new PhotoFolder();
        var number = 1000;
        foreach (var part in folders.Split('|'))
        {
            var at = part.LastIndexOf('*');
            var (folder, words) = (part[..at], part[(at + 1)..].Split(' '));
            photos.With(folder, int.Parse(words[0], CultureInfo.InvariantCulture));
            foreach (var file in words.Skip(1))
                photos.Put($"{folder}/{file}",
                    file.EndsWith(".jpg", StringComparison.Ordinal) ? Images.Pictures.Small(number++) : "x"u8.ToArray());
        }
        return photos;
    }
}
